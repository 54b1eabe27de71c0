//! Strategies and lenses as WebAssembly components, for the worlds in `wit/strategy.wit`.
//!
//! A component is a pure function of what a strategy may see. It can import nothing, so there is no clock, randomness,
//! file or network to reach; every call begins with a fresh instance, so nothing is remembered; instructions are counted
//! and memory is bounded; bits of NaN are canonical. What it cannot do within its limits is an abstention with a reason.
#![forbid(unsafe_code)]

#[cfg(feature = "host")]
pub mod component;
#[cfg(feature = "host")]
mod description;
#[cfg(feature = "host")]
mod engine;
#[cfg(feature = "host")]
mod explain;
#[cfg(feature = "host")]
mod fault;
#[cfg(feature = "host")]
mod lens;
#[cfg(feature = "host")]
mod limits;
#[cfg(feature = "host")]
mod loaded;
#[cfg(feature = "host")]
mod prepared;
#[cfg(feature = "host")]
mod reader;
#[cfg(feature = "host")]
mod seen;
#[cfg(feature = "host")]
mod strategy;
#[cfg(feature = "host")]
mod world;

#[cfg(feature = "host")]
pub use component::Component;
#[cfg(feature = "host")]
pub use description::{Description, LensDescription, SizedBy};
#[cfg(feature = "host")]
pub use explain::Stated;
#[cfg(feature = "host")]
pub use fault::{Fault, LoadError};
#[cfg(feature = "host")]
pub use lens::{ComponentLens, LensComponent};
#[cfg(feature = "host")]
pub use limits::{COMPONENT_MAX, FUEL, MEMORY_MAX, STACK_MAX};
#[cfg(feature = "host")]
pub use loaded::{Described, Loaded};
#[cfg(feature = "host")]
pub use strategy::{Asked, ComponentStrategy};

/// Does a component export what a lens does? False for anything that is no component.
#[cfg(feature = "host")]
#[must_use]
pub fn is_lens(bytes: &[u8]) -> bool {
    prepared::exports(bytes, "evaluate")
}

/// The worlds, for those who build components.
pub const WIT: &str = include_str!("../wit/strategy.wit");
