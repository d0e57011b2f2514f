//! Who: organisations, and those of them that certify and test.

pub mod certification_bodies;
pub mod laboratories;
pub mod organisations;
