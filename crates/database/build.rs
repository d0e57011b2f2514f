//! The migrations are compiled in, so a new one must compile this crate anew.

fn main() {
    println!("cargo:rerun-if-changed=../../migrations");
}
