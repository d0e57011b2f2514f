//! Makes the client of the older document, which lies beside the folder.

use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let document = "../openapi-3.0.json";
    println!("cargo:rerun-if-changed={document}");
    let document: openapiv3::OpenAPI = serde_json::from_str(&std::fs::read_to_string(document)?)?;
    let mut settings = progenitor::GenerationSettings::default();
    settings.with_interface(progenitor::InterfaceStyle::Builder);
    let client = progenitor::Generator::new(&settings).generate_tokens(&document)?;
    let client = prettyplease::unparse(&syn::parse2(client)?);
    std::fs::write(Path::new(&std::env::var("OUT_DIR")?).join("registry.rs"), client)?;
    Ok(())
}
