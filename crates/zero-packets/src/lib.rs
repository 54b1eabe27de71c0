//! Wire packets, schema ids and error codes. Holds no runtime types.
