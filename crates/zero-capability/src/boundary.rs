//! The text of `docs/boundary.md`: what is open and here, what is not built yet, what is commercial and not here.

use crate::contract::{NOT_OFFERED, PACKETS, Producer};
use crate::table::TABLE;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The page.
#[must_use]
pub fn boundary_markdown() -> String {
    let mut out = String::from(
        "# What is here and what is not\n\n\
         <!-- Generated from the table of capabilities and the list of the wire contract. Change those, not this file. -->\n\n\
         Everything in this repository is open under the licences of its `Cargo.toml`. Nothing in the program asks for an\n\
         account, sends a measurement home or is unlocked by a payment. Names of the wire contract that this program does\n\
         not answer say so with a stable error and the reason below.\n\n\
         ## Here\n\n\
         | capability | packet | command | route |\n|---|---|---|---|\n",
    );
    for row in TABLE {
        let command = row.command.map_or(String::from("-"), |c| format!("`zero {}`", c.path.join(" ")));
        let route = row.http.map_or(String::from("-"), |h| format!("`{} {}`", h.method, h.path));
        let _ = writeln!(out, "| {} | `{}` | {command} | {route} |", row.summary, row.packet);
    }
    out.push_str("\n## Here as a part\n\n| packet | inside |\n|---|---|\n");
    for promise in PACKETS {
        if let Producer::Part(row) = promise.producer {
            let inside = crate::find(row).map_or("-", |r| r.packet);
            let _ = writeln!(out, "| `{}` | `{inside}` |", promise.packet);
        }
    }
    out.push_str("\n## Here for agents\n\n| packet | tool |\n|---|---|\n");
    for promise in PACKETS {
        if let Producer::Tool(tool) = promise.producer {
            let _ = writeln!(out, "| `{}` | `{tool}` |", promise.packet);
        }
    }
    out.push_str("\n## Not here, and why\n");
    for (reason, (routes, packets)) in reasons() {
        let _ = write!(out, "\n### {}\n\n", capital(reason));
        for (what, names) in [("Routes", routes), ("Packets", packets)] {
            if !names.is_empty() {
                let _ = writeln!(out, "{what}: `{}`.\n", names.join("`, `"));
            }
        }
        out.truncate(out.trim_end().len());
        out.push('\n');
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

type Names = (Vec<String>, Vec<String>);

/// Routes and packets that are not offered, by their reason.
fn reasons() -> BTreeMap<&'static str, Names> {
    let mut out: BTreeMap<&'static str, Names> = BTreeMap::new();
    for route in NOT_OFFERED {
        out.entry(route.reason).or_default().0.push(format!("{} {}", route.method, route.path));
    }
    for promise in PACKETS {
        if let Producer::NotOffered(reason) = promise.producer {
            out.entry(reason).or_default().1.push(promise.packet.to_owned());
        }
    }
    out
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_and_every_name_that_is_not_offered_stands_on_the_page() {
        let page = boundary_markdown();
        for row in TABLE {
            assert!(page.contains(row.packet), "{}", row.id);
        }
        for route in NOT_OFFERED {
            assert!(page.contains(&format!("`{} {}`", route.method, route.path)), "{}", route.path);
        }
        for promise in PACKETS {
            assert!(page.contains(&format!("`{}`", promise.packet)), "{}", promise.packet);
        }
    }
}
