//! Requests that ask for another protocol. None is spoken here, and they are answered as if they had not asked.

use actix_web::HttpMessage as _;
use actix_web::dev::{Payload, RequestHead, ServiceRequest};
use actix_web::error::PayloadError;
use actix_web::http::header;
use actix_web::web::Bytes;
use futures_util::stream::{StreamExt as _, unfold};

/// Whether actix takes the connection for one of another protocol from here on, and closes it.
pub(crate) fn is_asked(head: &RequestHead) -> bool {
    head.upgrade() || asks_web_socket(head)
}

/// Ends the body where its length says. actix takes all that follows a request for a WebSocket as its body, to the end
/// of the connection; nothing of it is ever read as another request.
pub(crate) fn decline(request: &mut ServiceRequest) {
    let head = request.head();
    if !asks_web_socket(head) || head.headers.contains_key(header::TRANSFER_ENCODING) {
        return;
    }
    let length = head.headers.get(header::CONTENT_LENGTH).and_then(|it| it.to_str().ok()?.trim().parse().ok());
    let all = request.take_payload();
    request.set_payload(first(all, length.unwrap_or(0)));
}

fn asks_web_socket(head: &RequestHead) -> bool {
    head.headers.get_all(header::UPGRADE).any(|it| it.as_bytes().trim_ascii().eq_ignore_ascii_case(b"websocket"))
}

/// The first bytes of a body, which has to have as many.
fn first(all: Payload, length: u64) -> Payload {
    let pieces = unfold((all, length), |(mut all, left)| async move {
        if left == 0 {
            return None;
        }
        match all.next().await.unwrap_or(Err(PayloadError::Incomplete(None))) {
            Ok(piece) => {
                let taken = usize::try_from(left).map_or(piece.len(), |left| left.min(piece.len()));
                let left = left.saturating_sub(u64::try_from(taken).unwrap_or(left));
                Some((Ok::<Bytes, _>(piece.slice(..taken)), (all, left)))
            }
            Err(error) => Some((Err(error), (all, 0))),
        }
    });
    Payload::Stream { payload: pieces.boxed_local() }
}
