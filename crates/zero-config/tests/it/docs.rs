use zero_config::docs::{DEMO_TOML, config_template, json_schema, reference_markdown};
use zero_config::key::{all_keys, all_sections};
use zero_config::{FileText, Layer, Sources, load};

fn load_text(text: &str) -> zero_config::Config {
    let file = FileText::built_in("test", text);
    load(&Sources::new().file(Layer::Operator, file)).unwrap_or_else(|p| panic!("{p}")).config
}

#[test]
fn the_demo_preset_and_the_first_file_load() {
    assert_eq!(load_text(DEMO_TOML).hash(), load_text(&config_template()).hash());
}

#[test]
fn every_commented_line_of_the_first_file_is_right_when_uncommented() {
    let template = config_template();
    let mut table = String::new();
    let mut seen = 0;
    for line in template.lines() {
        let line = line.strip_prefix("# ").unwrap_or(line);
        if line.starts_with('[') {
            table = line.to_owned();
        } else if line.contains(" = ") && !line.contains("`") && !table.starts_with("[books") {
            let fees = if table == "[fees]" { "" } else { "[fees]\ntaker = 0.00045\nmaker = 0.00015\n" };
            if !fees.is_empty() {
                assert_eq!(
                    load_text(&format!("{fees}{table}\n{line}")).hash(),
                    load_text(DEMO_TOML).hash(),
                    "{line}"
                );
            }
            seen += 1;
        }
    }
    let declared =
        all_sections().iter().filter(|s| !s.name.starts_with("books")).map(|s| s.keys.len()).sum::<usize>();
    assert_eq!(seen, declared);
}

#[test]
fn the_reference_and_the_schema_have_every_key() {
    let text = reference_markdown();
    let schema = json_schema();
    for s in all_sections() {
        assert!(text.contains(&format!("## `[{}]`", s.name)));
        for k in s.keys {
            let name = k.path.rsplit('.').next().unwrap();
            assert!(text.contains(&format!("| `{name}` |")), "{name}");
            let mut at = &schema;
            for part in k.path.split('.') {
                at = match part {
                    "*" => at["patternProperties"].as_object().unwrap().values().next().unwrap(),
                    part => &at["properties"][part],
                };
            }
            assert!(at["description"].is_string(), "{}", k.path);
        }
    }
    // Closed at every table, so that an editor flags what the program refuses.
    assert_eq!(schema["additionalProperties"], false);
    assert_eq!(schema["properties"]["limits"]["additionalProperties"], false);
    assert_eq!(schema["properties"]["books"]["additionalProperties"], false);
    assert!(all_keys().count() > 60);
}
