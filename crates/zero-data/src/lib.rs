//! Loaders, the point-in-time store and the synthetic market.
