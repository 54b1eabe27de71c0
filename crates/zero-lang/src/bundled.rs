//! The documents that ship with the program.

/// Name and text of every bundled document, sorted by name.
pub const BUNDLED: &[(&str, &str)] = &[
    ("carry", include_str!("../documents/carry.toml")),
    ("donchian", include_str!("../documents/donchian.toml")),
    ("funding_fade", include_str!("../documents/funding_fade.toml")),
    ("mean_reversion", include_str!("../documents/mean_reversion.toml")),
    ("momentum", include_str!("../documents/momentum.toml")),
    ("range_low", include_str!("../documents/range_low.toml")),
    ("rsi_pullback", include_str!("../documents/rsi_pullback.toml")),
    ("trend", include_str!("../documents/trend.toml")),
    ("vol_breakout", include_str!("../documents/vol_breakout.toml")),
];

/// The text of a bundled document.
#[must_use]
pub fn bundled(name: &str) -> Option<&'static str> {
    BUNDLED.iter().find(|(n, _)| *n == name).map(|(_, text)| *text)
}

/// A document to start from, under this name. It is the bundled trend follower without its comments.
#[must_use]
pub fn template(name: &str) -> String {
    bundled("trend").unwrap_or("").replacen("name = \"trend\"", &format!("name = \"{name}\""), 1)
}
