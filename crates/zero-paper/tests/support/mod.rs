//! A paper venue driven bar by bar.
#![allow(
    dead_code,
    unreachable_pub,
    missing_debug_implementations,
    reason = "every test binary uses a part of it"
)]

use zero_core::{AccountId, BookId, CoinId, OrderId, Px, Rate, Sz, Ts, TsDiff, Usd};
use zero_market::event::{BarOpen, FundingPrint, TimerKind};
use zero_market::order::{LimitTerms, MarketTerms, TriggerTerms};
use zero_market::venue::{Backstop, OrderEnd};
use zero_market::{
    Bar, Event, EventBody, Fill, FundingPayment, Instrument, MarginTier, OrderIntent, OrderKind, Purpose,
    Side, Tif, Universe, VenueEvent,
};
use zero_paper::{FeeModel, MarginMode, PaperConfig, PaperVenue};

pub const START: Ts = Ts::from_ns(1_756_900_800_000_000_000);

pub fn px(text: &str) -> Px {
    Px::parse(text).unwrap()
}

pub fn usd(text: &str) -> Usd {
    Usd::parse(text).unwrap()
}

/// No fees, spread, impact or cap, leverage 50.
pub fn frictionless(margin: MarginMode) -> PaperConfig {
    PaperConfig { margin, ..PaperConfig::frictionless(FeeModel::NONE) }
}

pub fn instrument(max_leverage: u8) -> Instrument {
    let tiers = vec![MarginTier { lower_bound: Usd::ZERO, max_leverage }];
    Instrument { symbol: "X".into(), sz_decimals: 2, tiers }
}

pub struct Rig {
    pub venue: PaperVenue,
    pub now: Ts,
    pub said: Vec<VenueEvent>,
    pub ids: u8,
}

impl Rig {
    /// Two coins alike; a book of one account per entry of `cash`.
    pub fn new(cfg: PaperConfig, max_leverage: u8, cash: &[i32]) -> Self {
        let mut second = instrument(max_leverage);
        second.symbol = "Y".into();
        let books: Vec<_> = cash.iter().map(|c| (AccountId(0), Usd::whole(*c))).collect();
        Self::with(cfg, Universe::new(vec![instrument(max_leverage), second]), &books)
    }

    pub fn with(cfg: PaperConfig, universe: Universe, books: &[(AccountId, Usd)]) -> Self {
        Self { venue: PaperVenue::new(cfg, universe, books), now: START, said: Vec::new(), ids: 0 }
    }

    pub fn event(&mut self, body: EventBody) {
        self.venue.on_market(&Event::at(self.now, body), &mut self.said).unwrap();
    }

    pub fn open(&mut self, coin: u16, open: Px) {
        let b = BarOpen { coin: CoinId(coin), open_time: self.now, interval: TsDiff::HOUR, open };
        self.event(EventBody::BarOpened(b));
    }

    /// The rest of the bar, an hour later, and the slice after it.
    pub fn close(&mut self, coin: u16, [open, high, low, close]: [Px; 4], volume: Sz) {
        let open_time = self.now;
        self.now = self.now.plus(TsDiff::HOUR);
        let bar =
            Bar { coin: CoinId(coin), open_time, interval: TsDiff::HOUR, open, high, low, close, volume };
        self.event(EventBody::BarClosed(bar));
        self.event(EventBody::Timer(TimerKind::BarSlice));
    }

    /// A whole bar of coin 0.
    pub fn bar(&mut self, ohlc: [&str; 4]) {
        let ohlc = ohlc.map(px);
        self.open(0, ohlc[0]);
        self.close(0, ohlc, Sz::whole(1_000));
    }

    pub fn flat_bar(&mut self, at: &str) {
        self.bar([at; 4]);
    }

    pub fn funding(&mut self, rate: &str, premium: &str) {
        self.event(EventBody::Funding(FundingPrint {
            coin: CoinId(0),
            rate: Rate::parse(rate).unwrap(),
            premium: Rate::parse(premium).unwrap(),
        }));
    }

    pub fn intent(&mut self, book: u16, side: Side, sz: &str, kind: OrderKind) -> OrderIntent {
        self.ids += 1;
        let is_trigger = matches!(kind, OrderKind::Trigger(_));
        OrderIntent {
            id: OrderId([self.ids; 16]),
            account: AccountId(0),
            book: BookId(book),
            coin: CoinId(0),
            side,
            sz: Sz::parse(sz).unwrap(),
            kind,
            reduce_only: is_trigger,
            purpose: if is_trigger { Purpose::Stop } else { Purpose::Entry },
            decided_at: self.now,
            reference_px: Px::whole(100),
        }
    }

    pub fn submit(&mut self, o: &OrderIntent) {
        self.venue.submit(o, &mut self.said).unwrap();
    }

    pub fn market(&mut self, book: u16, side: Side, sz: &str) -> OrderIntent {
        let o = self.intent(book, side, sz, MARKET);
        self.submit(&o);
        o
    }

    pub fn limit(&mut self, side: Side, sz: &str, at: &str, tif: Tif) -> OrderIntent {
        let o = self.intent(0, side, sz, OrderKind::Limit(LimitTerms { px: px(at), tif }));
        self.submit(&o);
        o
    }

    pub fn trigger(&mut self, book: u16, side: Side, sz: &str, at: &str, is_stop: bool) -> OrderIntent {
        let o = self.intent(book, side, sz, OrderKind::Trigger(TriggerTerms { px: px(at), is_stop }));
        self.submit(&o);
        o
    }

    /// Buys or sells at the next open of 100, with nothing said about it.
    pub fn hold(&mut self, book: u16, side: Side, sz: &str) {
        self.flat_bar("100");
        self.market(book, side, sz);
        self.flat_bar("100");
        assert_eq!(self.fills().len(), 1, "{:?}", self.said);
        self.said.clear();
    }

    pub fn fills(&self) -> Vec<Fill> {
        self.said.iter().filter_map(|v| if let VenueEvent::Fill(f) = v { Some(*f) } else { None }).collect()
    }

    pub fn ends(&self) -> Vec<OrderEnd> {
        self.said
            .iter()
            .filter_map(|v| if let VenueEvent::Ended(e) = v { Some(e.why) } else { None })
            .collect()
    }

    pub fn payments(&self) -> Vec<FundingPayment> {
        self.said
            .iter()
            .filter_map(|v| if let VenueEvent::Funding(p) = v { Some(*p) } else { None })
            .collect()
    }

    pub fn backstops(&self) -> Vec<Backstop> {
        self.said
            .iter()
            .filter_map(|v| if let VenueEvent::Backstop(b) = v { Some(*b) } else { None })
            .collect()
    }

    pub fn cash(&self, book: u16) -> Usd {
        self.venue.state().books[usize::from(book)].cash
    }

    pub fn position(&self, book: u16) -> Sz {
        self.venue.state().books[usize::from(book)].positions[0]
    }
}

pub const MARKET: OrderKind = OrderKind::Market(MarketTerms { worst_px: None });
