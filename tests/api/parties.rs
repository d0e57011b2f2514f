//! Parties: enterprises, certification bodies and laboratories.

mod accreditation;
mod laboratories;
mod organisations;
