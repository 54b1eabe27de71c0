//! Emergency orders that are under way. A coin is closed by one order of each book that holds it: what is told is their sum,
//! and it ends with the last of them.

use crate::notice::{Notice, Urgency};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use zero_core::Sz;
use zero_kernel::breakers::Flattening;
use zero_kernel::{Breaker as _, Fact};
use zero_market::{Event, EventBody, Purpose, Side, VenueEvent};

/// By order, in hexadecimal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Emergencies {
    orders: BTreeMap<String, Closing>,
    /// Coins of which an order was sent in a cycle that has not ended.
    sent: BTreeSet<u16>,
    /// Coins and books of which an order ended before all of it was filled: the rest is tried again.
    left: BTreeSet<(u16, u16)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Closing {
    coin: u16,
    book: u16,
    is_sell: bool,
    /// What is not filled, raw.
    open: i64,
}

impl Emergencies {
    /// The next fact; what is to be told after it. `coin` names a coin.
    pub fn take(&mut self, fact: &Fact, coin: impl Fn(usize) -> String) -> Vec<Notice> {
        let name = |c: u16| coin(usize::from(c));
        match fact {
            Fact::Order(o) => {
                if o.intent.purpose == Purpose::Emergency {
                    let (coin, book) = (o.intent.coin.0, o.intent.book.0);
                    let is_sell = o.intent.side == Side::Sell;
                    let order = Closing { coin, book, is_sell, open: o.intent.sz.raw() };
                    self.orders.insert(o.intent.id.to_string(), order);
                    self.left.remove(&(coin, book));
                    self.sent.insert(coin);
                }
                Vec::new()
            }
            Fact::Event(Event { body: EventBody::Venue(VenueEvent::Fill(f)), .. }) => {
                let id = f.order.to_string();
                let Some(order) = self.orders.get_mut(&id) else { return Vec::new() };
                order.open = f.remaining.raw();
                if order.open > 0 {
                    return Vec::new();
                }
                self.orders.remove(&id);
                let is_over = !self.coins().contains(&f.coin.0);
                is_over.then(|| ended(name(f.coin.0))).into_iter().collect()
            }
            Fact::Event(Event { body: EventBody::Venue(VenueEvent::Ended(e)), .. }) => {
                if let Some(order) = self.orders.remove(&e.order.to_string()) {
                    self.left.insert((order.coin, order.book));
                }
                Vec::new()
            }
            // Nothing is held, whatever closed it.
            Fact::Breaker(b) if b.name == Flattening.name() && !b.open => {
                let over = self.coins();
                *self = Self::default();
                over.into_iter().map(|c| ended(name(c))).collect()
            }
            Fact::Cycle(_) => {
                let sent = core::mem::take(&mut self.sent);
                sent.into_iter().map(|c| under_way(name(c), &self.sum(c))).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Coins that are not out yet.
    fn coins(&self) -> BTreeSet<u16> {
        let left = self.left.iter().map(|(coin, _)| *coin);
        self.orders.values().map(|o| o.coin).chain(left).collect()
    }

    /// What closes a coin, in words: `sell 0.7`.
    fn sum(&self, coin: u16) -> String {
        let of = |is_sell: bool| {
            let mine = self.orders.values().filter(|o| (o.coin, o.is_sell) == (coin, is_sell));
            mine.fold(0i64, |sum, o| sum.saturating_add(o.open))
        };
        let sides = [(Side::Buy, of(false)), (Side::Sell, of(true))];
        let words = sides.iter().filter(|(_, sz)| *sz > 0);
        words
            .map(|(side, sz)| format!("{} {}", side.name(), Sz::from_raw(*sz)))
            .collect::<Vec<_>>()
            .join(", ")
    }
}

fn under_way(name: String, what: &str) -> Notice {
    let text = format!("{name}: emergency orders to close are under way: {what}");
    Notice::new("protection", name, Urgency::Critical, text).protecting()
}

fn ended(name: String) -> Notice {
    let text = format!("{name}: what the emergency orders were to close is closed");
    Notice { ends: true, ..Notice::new("protection", name, Urgency::Critical, text).protecting() }
}
