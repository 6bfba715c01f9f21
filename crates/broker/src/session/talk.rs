//! The talk between a session and its client: reads and writes at the same time, in one task. Must never read on while
//! its client does not take what it is told, and must never hold a buffer for a client that is silent.

use super::{Ending, Session};
use crate::decode::{self, Fault, Said};
use crate::encode;
use bytes::{Buf, BytesMut};
use std::convert::Infallible;
use std::future::poll_fn;
use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf, split};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval};

/// While more than this waits to be written, nothing is read.
const HIGH_WATER: usize = 128 * 1024;
/// Read at once.
const READ: usize = 16 * 1024;

/// When something last moved.
struct Moved {
    heard: Instant,
    wrote: Instant,
}

impl Session {
    pub(super) async fn converse(
        &mut self,
        stream: &mut (impl AsyncRead + AsyncWrite + Unpin + Send),
        buffer: &mut BytesMut,
    ) -> Result<Infallible, Ending> {
        let (mut reader, mut writer) = split(stream);
        let mut heartbeat = self.heartbeat();
        let mut moved = Moved { heard: Instant::now(), wrote: Instant::now() };
        // What was not acknowledged to the session before is sent again at once.
        let mut filled = true;
        loop {
            filled |= self.listen(buffer).await?;
            // Until there is something to write: all that was taken may have been too large, or expired.
            while filled && self.out.is_empty() {
                filled = self.outbound.fill(self.broker.counters(), &mut self.out);
                moved.wrote = Instant::now();
            }
            tokio::select! {
                end = self.place.ended() => return Err(end.map_or(Ending::Gone, Ending::Ended)),
                read = read(&mut reader, buffer), if self.out.len() < HIGH_WATER => {
                    if !matches!(read, Ok(1..)) {
                        return Err(Ending::Gone);
                    }
                    moved.heard = Instant::now();
                    if self.out.is_empty() {
                        moved.wrote = moved.heard;
                    }
                }
                wrote = writer.write(&self.out), if !self.out.is_empty() => {
                    let Ok(bytes @ 1..) = wrote else { return Err(Ending::Gone) };
                    self.wrote(bytes);
                    moved.wrote = Instant::now();
                }
                () = self.outbound.outbox.filled(), if !filled => filled = true,
                _ = heartbeat.tick() => self.is_alive(&moved)?,
            }
        }
    }

    /// Obeys the packets that have arrived, until too much waits to be written. `true` if there may be room for more
    /// that has to be acknowledged.
    async fn listen(&mut self, buffer: &mut BytesMut) -> Result<bool, Ending> {
        let heard = self.hear(buffer).await;
        self.inbound.send_on().await?;
        if buffer.is_empty() {
            *buffer = BytesMut::new();
        }
        heard
    }

    async fn hear(&mut self, buffer: &mut BytesMut) -> Result<bool, Ending> {
        let mut has_room = false;
        while self.out.len() < HIGH_WATER
            && let Some(frame) = decode::cut(buffer, self.max_packet)?
        {
            has_room |= self.obey(decode::said(self.version, &frame)?).await?;
        }
        Ok(has_room)
    }

    async fn obey(&mut self, said: Said) -> Result<bool, Ending> {
        match said {
            Said::Acknowledged(said) => {
                self.outbound.acknowledged(said, &mut self.out);
                return Ok(true);
            }
            Said::Publish(published) => self.inbound.publish(published, &mut self.out).await?,
            Said::Release { id } => self.inbound.release(id, &mut self.out),
            Said::Subscribe { id, requests } => self.inbound.subscribe(id, requests, &mut self.out).await?,
            Said::Unsubscribe { id, filters } => self.inbound.unsubscribe(id, filters, &mut self.out).await?,
            Said::Ping => encode::pong(&mut self.out),
            Said::Disconnect { expiry: Some(1..), .. } if self.keep.is_zero() => return Err(Fault::PROTOCOL.into()),
            Said::Disconnect { with_will, expiry } => return Err(Ending::Said { with_will, expiry }),
        }
        Ok(false)
    }

    fn wrote(&mut self, bytes: usize) {
        self.out.advance(bytes);
        if self.out.is_empty() {
            self.out = BytesMut::new();
        }
    }

    fn heartbeat(&self) -> Interval {
        let longest = self.keep_alive.unwrap_or(Duration::MAX).min(self.broker.config().write_timeout);
        let mut beats = interval((longest / 4).clamp(Duration::from_millis(10), Duration::from_secs(5)));
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        beats
    }

    fn is_alive(&self, moved: &Moved) -> Result<(), Ending> {
        if !self.out.is_empty() && moved.wrote.elapsed() > self.broker.config().write_timeout {
            return Err(Ending::Gone);
        }
        let is_heard = self.out.len() < HIGH_WATER;
        match self.keep_alive {
            Some(limit) if is_heard && moved.heard.elapsed() > limit => Err(Fault::KEEP_ALIVE.into()),
            _ => Ok(()),
        }
    }
}

/// Reads what there is, by way of the stack.
async fn read(reader: &mut (impl AsyncRead + Unpin), buffer: &mut BytesMut) -> io::Result<usize> {
    poll_fn(|context| {
        let mut room = [const { MaybeUninit::uninit() }; READ];
        let mut read = ReadBuf::uninit(&mut room);
        ready!(Pin::new(&mut *reader).poll_read(context, &mut read))?;
        buffer.extend_from_slice(read.filled());
        Poll::Ready(Ok(read.filled().len()))
    })
    .await
}
