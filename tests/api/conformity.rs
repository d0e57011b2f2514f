//! Conformity: certificates, test reports and evidence, from the first push to the last day.

pub(crate) mod batch;
mod batch_process;
mod calendars;
mod certificates;
mod days;
mod evidence;
mod expiry;
mod guide;
mod holders;
mod life;
mod reconcile;
mod refusals;
mod report_batch;
mod report_evidence;
mod test_reports;
