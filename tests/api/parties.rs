//! Parties: enterprises, certification bodies and laboratories.

mod accreditation;
mod certification_bodies;
mod laboratories;
mod organisations;
