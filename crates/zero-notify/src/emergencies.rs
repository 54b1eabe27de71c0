//! Emergency orders that are under way. A coin is closed by one order of each book that holds it: what is told is their sum,
//! and it ends with the last of them.

use crate::notice::{Notice, Urgency};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use zero_core::Sz;
use zero_kernel::Fact;
use zero_market::{Event, EventBody, Purpose, Side, VenueEvent};

/// By order, in hexadecimal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Emergencies {
    orders: BTreeMap<String, Closing>,
    /// Coins of which an order was sent in a cycle that has not ended.
    sent: BTreeSet<u16>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Closing {
    coin: u16,
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
                    let (coin, is_sell) = (o.intent.coin.0, o.intent.side == Side::Sell);
                    let order = Closing { coin, is_sell, open: o.intent.sz.raw() };
                    self.orders.insert(o.intent.id.to_string(), order);
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
                let is_last = self.orders.values().all(|o| o.coin != f.coin.0);
                is_last.then(|| ended(name(f.coin.0))).into_iter().collect()
            }
            // What was refused is tried again; an alert of it ends when one is filled.
            Fact::Event(Event { body: EventBody::Venue(VenueEvent::Ended(e)), .. }) => {
                self.orders.remove(&e.order.to_string());
                Vec::new()
            }
            Fact::Cycle(_) => {
                let sent = core::mem::take(&mut self.sent);
                sent.into_iter().map(|c| under_way(name(c), &self.sum(c))).collect()
            }
            _ => Vec::new(),
        }
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
    let text = format!("{name}: every emergency order to close was filled");
    Notice { ends: true, ..Notice::new("protection", name, Urgency::Critical, text).protecting() }
}
