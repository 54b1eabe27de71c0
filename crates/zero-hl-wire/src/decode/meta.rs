//! The venue's list of perpetuals and its margin tables, and the contexts that come beside them.

use super::market::{AssetCtx, asset_ctx};
use super::object::{Notes, Object, elements, malformed, parse};
use crate::error::WireError;
use std::collections::BTreeMap;
use zero_core::Usd;
use zero_market::{Instrument, MarginTier};

const WHAT: &str = "meta";
const ASSETS_MAX: usize = 10_000;
/// A margin table id below this is itself the leverage of a single tier.
const FIRST_TABLE_ID: u64 = 50;
const SZ_DECIMALS_MAX: u8 = 6;

/// One listed perpetual.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// The venue's symbol.
    pub name: String,
    /// Decimals of a size.
    pub sz_decimals: u8,
    /// Largest leverage of the first tier.
    pub max_leverage: u8,
    /// Which margin table.
    pub margin_table_id: u64,
    /// No longer traded; it keeps its place.
    pub is_delisted: bool,
}

/// The answer to `meta`. The place in `assets` is the venue's asset id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meta {
    /// All perpetuals of the first dex, delisted ones included.
    pub assets: Vec<Asset>,
    tables: BTreeMap<u64, Vec<MarginTier>>,
}

impl Meta {
    /// The instrument of a symbol, with its margin tiers.
    ///
    /// # Errors
    /// [`WireError::UnknownCoin`] when absent or delisted, [`WireError::Malformed`] when its tiers are not given.
    pub fn instrument(&self, symbol: &str) -> Result<Instrument, WireError> {
        let asset = self
            .assets
            .iter()
            .find(|a| a.name == symbol && !a.is_delisted)
            .ok_or_else(|| WireError::UnknownCoin(symbol.to_owned()))?;
        let tiers = match self.tables.get(&asset.margin_table_id) {
            Some(tiers) => tiers.clone(),
            None if asset.margin_table_id < FIRST_TABLE_ID => {
                vec![MarginTier { lower_bound: Usd::ZERO, max_leverage: asset.max_leverage }]
            }
            None => {
                let detail = format!("{symbol} names margin table {}, not given", asset.margin_table_id);
                return Err(malformed(WHAT, detail));
            }
        };
        if tiers.first().is_none_or(|t| t.max_leverage != asset.max_leverage) {
            return Err(malformed(WHAT, format!("{symbol}: first tier and maxLeverage disagree")));
        }
        Ok(Instrument { symbol: asset.name.clone(), sz_decimals: asset.sz_decimals, tiers })
    }
}

/// The answer to `meta`.
///
/// # Errors
/// [`WireError::Malformed`].
pub fn meta(text: &str, notes: &mut Notes) -> Result<Meta, WireError> {
    let o = Object::read(text, WHAT, &["universe", "marginTables", "collateralToken"], notes)?;
    let assets = elements(o.raw("universe")?, WHAT, ASSETS_MAX)?
        .iter()
        .map(|item| asset(item.get(), notes))
        .collect::<Result<Vec<_>, _>>()?;
    if assets.is_empty() {
        return Err(malformed(WHAT, "the universe is empty".to_owned()));
    }
    let mut tables = BTreeMap::new();
    for item in elements(o.raw("marginTables")?, WHAT, ASSETS_MAX)? {
        let (id, tiers) = table(item.get(), notes)?;
        tables.insert(id, tiers);
    }
    Ok(Meta { assets, tables })
}

/// The answer to `metaAndAssetCtxs`: each asset's context in the order of `assets`. One bad context spoils only itself.
///
/// # Errors
/// [`WireError::Malformed`].
#[allow(clippy::type_complexity, reason = "a list of per-asset results is what it is")]
pub fn meta_and_ctxs(
    text: &str,
    notes: &mut Notes,
) -> Result<(Meta, Vec<Result<AssetCtx, WireError>>), WireError> {
    const WHAT: &str = "metaAndAssetCtxs";
    let parts = elements(text, WHAT, 2)?;
    let [head, tail] = parts.as_slice() else {
        return Err(malformed(WHAT, format!("{} elements, not 2", parts.len())));
    };
    let meta = meta(head.get(), notes)?;
    let ctxs: Vec<_> =
        elements(tail.get(), WHAT, ASSETS_MAX)?.iter().map(|item| asset_ctx(item.get(), notes)).collect();
    if ctxs.len() != meta.assets.len() {
        return Err(malformed(WHAT, format!("{} contexts for {} assets", ctxs.len(), meta.assets.len())));
    }
    Ok((meta, ctxs))
}

fn asset(text: &str, notes: &mut Notes) -> Result<Asset, WireError> {
    const FIELDS: [&str; 8] = [
        "name",
        "szDecimals",
        "maxLeverage",
        "marginTableId",
        "isDelisted",
        "onlyIsolated",
        "marginMode",
        "growthMode",
    ];
    let o = Object::read(text, WHAT, &FIELDS, notes)?;
    let asset = Asset {
        name: o.text("name")?,
        sz_decimals: o.small("szDecimals")?,
        max_leverage: o.small("maxLeverage")?,
        margin_table_id: o.integer("marginTableId")?,
        is_delisted: o.flag("isDelisted")?,
    };
    if asset.sz_decimals > SZ_DECIMALS_MAX || asset.max_leverage == 0 {
        let detail =
            format!("{}: szDecimals {}, maxLeverage {}", asset.name, asset.sz_decimals, asset.max_leverage);
        return Err(malformed(WHAT, detail));
    }
    Ok(asset)
}

fn table(text: &str, notes: &mut Notes) -> Result<(u64, Vec<MarginTier>), WireError> {
    const TIERS_MAX: usize = 32;
    let parts = elements(text, WHAT, 2)?;
    let [id, body] = parts.as_slice() else {
        return Err(malformed(WHAT, "a margin table is not a pair".to_owned()));
    };
    let id: u64 = parse(id.get(), WHAT)?;
    let o = Object::read(body.get(), WHAT, &["description", "marginTiers"], notes)?;
    let mut tiers: Vec<MarginTier> = Vec::new();
    for item in elements(o.raw("marginTiers")?, WHAT, TIERS_MAX)? {
        let t = Object::read(item.get(), WHAT, &["lowerBound", "maxLeverage"], notes)?;
        let tier = MarginTier { lower_bound: t.usd("lowerBound")?, max_leverage: t.small("maxLeverage")? };
        let in_order = match tiers.last() {
            None => tier.lower_bound == Usd::ZERO,
            Some(last) => last.lower_bound < tier.lower_bound && last.max_leverage > tier.max_leverage,
        };
        if !in_order || tier.max_leverage == 0 {
            let detail = format!("margin table {id}: tier from {} is out of order", tier.lower_bound);
            return Err(malformed(WHAT, detail));
        }
        tiers.push(tier);
    }
    if tiers.is_empty() {
        return Err(malformed(WHAT, format!("margin table {id} is empty")));
    }
    Ok((id, tiers))
}
