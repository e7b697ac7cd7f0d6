//! A file as a body, read while it is sent, so that its size does not matter.

use std::io::Read;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use http_body::{Frame, SizeHint};
use siyu_types::sealed::cause;
use siyu_types::{Error, Result};
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Bytes that are read together, and pieces that may wait.
const PIECE_BYTES: usize = 64 << 10;
const AHEAD: usize = 4;

/// Sends what `open` answers, and how many bytes that are. It may block.
pub async fn file<R: Read + Send + 'static>(
    open: impl FnOnce() -> Result<(R, u64)> + Send + 'static,
) -> Result<Body> {
    let opened = tokio::task::spawn_blocking(open);
    let (file, bytes) = opened.await.map_err(Error::internal)??;
    let (sender, receiver) = channel(AHEAD);
    tokio::task::spawn_blocking(move || {
        if let Err(error) = read(file, &sender) {
            // Nobody may be listening any more.
            let _gone = sender.blocking_send(Err(cause(error)));
        }
    });
    Ok(Body::new(Sent { bytes, pieces: receiver }))
}

fn read(mut file: impl Read, to: &Sender<Result<Bytes>>) -> std::io::Result<()> {
    loop {
        let mut piece = vec![0; PIECE_BYTES];
        let read = file.read(&mut piece)?;
        piece.truncate(read);
        if read == 0 || to.blocking_send(Ok(piece.into())).is_err() {
            return Ok(());
        }
    }
}

/// An error breaks the connection, so that half a file is not taken for a whole one.
struct Sent {
    bytes: u64,
    pieces: Receiver<Result<Bytes>>,
}

impl HttpBody for Sent {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let polled = self.pieces.poll_recv(context);
        if let Poll::Ready(Some(Ok(piece))) = &polled {
            self.bytes = self.bytes.saturating_sub(piece.len() as u64);
        }
        polled.map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes)
    }
}
