//! Layered typed configuration with provenance, operator partitions and key files.
