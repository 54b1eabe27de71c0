//! The one table of capabilities, from which every surface derives.
