//! An order of the operator's own as packets show it.

use crate::record::Manifest;
use zero_core::{Px, Sz};
use zero_kernel::operator::Ruling;
use zero_kernel::{Executed, Judged};
use zero_market::OwnOrder;
use zero_packets::Dec;
use zero_packets::execute::Execute;
use zero_packets::live::OperatorContext;

/// An order that was judged. Everything in it follows from the order and from the recorded judgement, so that it is the same
/// whenever it is asked for.
#[must_use]
pub fn executed(m: &Manifest, order: &OwnOrder, reduce_only: bool, x: &Executed) -> Execute {
    let gates = bits(x.gates, &m.gates);
    let breakers = bits(u64::from(x.breakers), &m.breakers);
    let reason = match (x.judged, x.refused) {
        (_, Some(why)) => format!("refused by the venue: {}", why.name()),
        (Judged::Taken, None) => "allowed".into(),
        (Judged::Gates, None) if breakers.is_empty() => format!("refused by {}", gates.join(", ")),
        (Judged::Gates, None) => format!("refused by {}; open: {}", gates.join(", "), breakers.join(", ")),
        (Judged::NotAReduction, None) => {
            "it may only reduce, and would not: the book of the operator's own orders holds less on the other side"
                .into()
        }
        (Judged::EnlargesAccount, None) => {
            "it may only reduce, and what the account holds would grow: strategies hold the other side; without \
             reduce_only it closes behind every gate"
                .into()
        }
        (Judged::TooLarge, None) => {
            "its value at the present price is more than this program counts to: about 92 billion USD".into()
        }
        (Judged::Closing, None) => {
            "the coin is being closed, and it is not out of every book yet: nothing is opened in it until then".into()
        }
        (Judged::OffGrid, None) => "its size or price is not on the venue's grid".into(),
    };
    Execute {
        accepted: x.is_taken(),
        reason,
        trace_id: x.order.to_string(),
        order_id: Some(x.order.to_string()),
        gates,
        breakers,
        ..asked(order, reduce_only)
    }
}

/// Names an act by its record, as `zero journal tail` and the export number them.
#[must_use]
pub fn act_trace(act_seq: Option<u64>) -> String {
    act_seq.map_or_else(|| "none".to_owned(), |seq| format!("journal-{seq}"))
}

/// A request on which friction ruled: there is no order, and the key stays free.
#[must_use]
pub fn execute_held(order: &OwnOrder, ruling: &Ruling, act_seq: Option<u64>) -> Execute {
    Execute {
        reason: super::ruling_text(ruling),
        trace_id: act_trace(act_seq),
        ruling: Some(super::ruling(ruling)),
        ..asked(order, false)
    }
}

/// A request for a live order: none can be sent.
#[must_use]
pub fn execute_live(order: &OwnOrder, reduce_only: bool, who: OperatorContext) -> Execute {
    let reason = "live orders are not built: this runtime trades in paper only";
    Execute {
        reason: reason.into(),
        trace_id: "none".into(),
        // Nothing was simulated in its place, and of what was not sent there is no receipt.
        simulated: false,
        status: Some("refused".into()),
        receipt_hash: Some(None),
        operator_context: Some(who),
        ..asked(order, reduce_only)
    }
}

fn asked(order: &OwnOrder, reduce_only: bool) -> Execute {
    Execute {
        schema_version: Default::default(),
        accepted: false,
        simulated: true,
        fill_id: None,
        coin: order.symbol.clone(),
        side: order.side.name().into(),
        size: Dec::scaled(order.sz.raw(), Sz::DECIMALS),
        reason: String::new(),
        trace_id: String::new(),
        order_id: None,
        idempotency_key: order.key.clone(),
        request_hash: order.body_digest(reduce_only).to_string(),
        reduce_only,
        price: order.worst_px.map(|px| Dec::scaled(px.raw(), Px::DECIMALS)),
        gates: Vec::new(),
        breakers: Vec::new(),
        ruling: None,
        status: None,
        receipt_hash: None,
        operator_context: None,
    }
}

fn bits(bits: u64, names: &[String]) -> Vec<String> {
    let is_set = |i: usize| bits.checked_shr(i as u32).is_some_and(|b| b & 1 == 1);
    names.iter().enumerate().filter(|(i, _)| is_set(*i)).map(|(_, n)| n.clone()).collect()
}
