//! Every command that earlier clients know is here with its meaning, or says why it is not offered.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may panic as tests do")]

use zero_capability::{How, MEANINGS, RiskDirection, by_command, meaning_markdown, one_shot};
use zero_market::event::OperatorAction;

const COMMANDS: &str = include_str!("fixtures/contract_commands.txt");

#[test]
fn every_command_of_the_contract_has_its_meaning_with_all_its_names() {
    let (mut n, mut names) = (0, Vec::new());
    for (line, m) in COMMANDS.lines().zip(MEANINGS) {
        let mut words = line.split(' ').map(|w| w.replace('_', " "));
        assert_eq!(m.direction, words.next().unwrap(), "{line}");
        assert_eq!(m.name, words.next().unwrap(), "{line}");
        assert_eq!(m.aliases.to_vec(), words.collect::<Vec<_>>(), "{line}");
        n += 1;
    }
    assert_eq!(n, COMMANDS.lines().count());
    for m in MEANINGS {
        names.extend(std::iter::once(m.name).chain(m.aliases.iter().copied()));
    }
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all, "no name means two things");
}

#[test]
fn what_is_offered_is_a_row_whose_risk_is_no_larger_and_whose_event_exists() {
    for m in MEANINGS {
        match m.how {
            How::Command { words, .. } if words == ["help"] => {}
            How::Command { words, event, effect } => {
                let row = by_command(&words.join(" ")).unwrap_or_else(|| panic!("{}: no such row", m.name));
                let risk = match m.direction {
                    "neutral" => RiskDirection::Neutral,
                    "reduces" => RiskDirection::Reduces,
                    _ => RiskDirection::Increases,
                };
                assert_eq!(row.risk, risk, "{}", m.name);
                assert!(effect.len() > 8, "{}", m.name);
                if let Some(action) = event.strip_prefix("operator ") {
                    assert!(OperatorAction::from_name(action).is_some(), "{}: {action}", m.name);
                } else {
                    assert_eq!(event, "", "{}", m.name);
                }
            }
            How::NotOffered(why) => assert!(why.len() > 20, "{}", m.name),
        }
        assert!(meaning_markdown().contains(&format!("| `{}` |", m.name)), "{}", m.name);
    }
}

#[test]
fn a_name_stands_for_its_command_unless_it_is_one() {
    assert_eq!(one_shot("cockpit", true), Some(&["live", "cockpit"][..]));
    assert_eq!(one_shot("live", true), Some(&["live", "cockpit"][..]));
    assert_eq!(one_shot("live", false), None, "the group");
    assert_eq!(one_shot("pos", true), None, "an alias of the table itself");
    assert_eq!(one_shot("pause", false), Some(&["operator", "pause"][..]));
    assert_eq!(one_shot("arena", true), None);
}
