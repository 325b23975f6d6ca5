//! SARIF against the standard's own schema.

use boon::{Compiler, Schemas};
use stagecraft_cli::commands::lint::{self, Format};
use stagecraft_cli::settings::Settings;
use stagecraft_engine::lint::{Profile, rules};
use stagecraft_engine::semantic::Options;

#[test]
fn sarif_of_every_rule_is_what_the_schema_asks_for() {
    let schema = serde_json::from_str(include_str!("../data/sarif-2.1.0.json")).unwrap();
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    compiler.add_resource("sarif.json", schema).unwrap();
    let schema = compiler.compile("sarif.json", &mut schemas).unwrap();
    let valid = |text: &str| {
        let value = serde_json::from_str(text).unwrap();
        schemas
            .validate(&value, schema)
            .map_err(|error| error.to_string())
    };

    let (options, settings) = (Options::default(), Settings::default());
    let mut texts: Vec<&str> = rules().iter().map(|rule| rule.bad).collect();
    texts.extend(["", "FROM a\0b\r\nRUN \u{feff}é\r\n", "RUN <<E\n"]);
    let results: Vec<String> = texts
        .iter()
        .map(|text| {
            let checked = lint::checked(text, None, &options, Profile::All, &settings);
            Format::Sarif
                .part("a b/Dockerfile", &checked, false)
                .unwrap()
        })
        .collect();
    let document = Format::Sarif.document(&results).unwrap();
    assert_eq!(valid(&document), Ok(()));
    // A test that cannot fail is none.
    assert!(valid(&document.replace("\"2.1.0\"", "\"2.2.0\"")).is_err());
    assert!(valid(&document.replace("\"startLine\":1", "\"startLine\":0")).is_err());
}
