//! JSON Schemas out of the types that people's YAML is read into.

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform as _};
use schemars::{JsonSchema, Schema};
use serde_json::Value;

/// Returns the JSON Schema (draft 2020-12) of `T`.
pub fn of<T: JsonSchema>() -> Value {
    let mut schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>();
    RecursiveTransform(tidy).transform(&mut schema);
    schema.to_value()
}

/// Takes out what describes the program and not the file: null as the default of a key that may be left out, line
/// breaks of the source, and the empty list that variants hidden from the schema leave behind.
fn tidy(schema: &mut Schema) {
    if schema.get("default").is_some_and(Value::is_null) {
        schema.remove("default");
    }
    if let Some(Value::String(description)) = schema.get_mut("description") {
        *description = description.replace('\n', " ");
    }
    if let Some(Value::Array(choices)) = schema.get_mut("oneOf") {
        choices.retain(|choice| choice.get("enum") != Some(&Value::Array(Vec::new())));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::policy::{schema, wire};

    #[test]
    fn the_schema_is_precise() {
        let schema = schema();
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
        assert_eq!(schema["required"], json!(["name", "image", "select"]));
        assert_eq!(schema["additionalProperties"], json!(false));
        assert_eq!(schema["properties"]["name"]["pattern"], "^[a-z0-9-]{1,63}$");
        let select = &schema["$defs"]["Select"];
        assert_eq!((&select["minProperties"], &select["maxProperties"]), (&json!(1), &json!(1)));
        let values = |name: &str| {
            let choices = schema["$defs"][name]["oneOf"].as_array().unwrap();
            choices.iter().map(|choice| choice["const"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(values("Find"), ["markers"]);
        assert_eq!(values("Pin"), ["tag", "tag@digest"]);
        assert_eq!(values("Numeric"), ["highest", "lowest"]);
        assert_eq!(values("Alphabetical"), ["last", "first"]);
        assert_eq!(values("Jump"), ["patch", "minor", "major"]);
    }

    #[test]
    fn what_is_not_built_is_not_offered_and_everything_is_described() {
        let mut keys = Vec::new();
        for schema in [schema(), super::of::<wire::Defaults>()] {
            let containers = schema["$defs"].as_object().unwrap().values().chain([&schema]);
            for properties in containers.filter_map(|container| container.get("properties")?.as_object()) {
                for (key, property) in properties {
                    assert!(property["description"].as_str().is_some_and(|text| !text.contains('\n')), "{key}");
                    assert_eq!(property.get("default"), None, "{key}");
                    keys.push(key.clone());
                }
            }
        }
        assert!(wire::hidden().iter().all(|hidden| !keys.iter().any(|key| key == hidden)), "{keys:?}");
        assert!(keys.len() > 20);
    }
}
