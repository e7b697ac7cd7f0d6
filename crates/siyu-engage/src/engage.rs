//! The handle that the features share.

use std::sync::Arc;

use rand::RngCore;
use roaring::RoaringBitmap;
use siyu_audience::{Named, References};
use siyu_connect::channels::Environment;
use siyu_db::{Db, JobHandler, Jobs, TextColumn};
use siyu_govern::Govern;
use siyu_govern::sealing::Keyring;
use siyu_types::error::{Error, Result};
use siyu_types::ports::{EventSink, PortFuture};
use siyu_types::{Clock, ProjectId};
use tokio::sync::watch;
use utoipa_axum::router::OpenApiRouter;

use crate::audience::Audience;
use crate::channels::Channels;
use crate::delivery::{Delivery, DeliveryParts};
use crate::secrets::hex;
use crate::tracking::Links;
use crate::{campaigns, channels, preferences, protection, receipts, report, secrets, tracking};

/// What the server brings.
pub struct EngageParts {
    pub db: Db,
    /// Keeps what people consented to.
    pub govern: Govern,
    pub clock: Arc<dyn Clock>,
    pub audience: Arc<dyn Audience>,
    pub sink: Arc<dyn EventSink>,
    pub jobs: Jobs,
    /// Time limits, and private hosts that webhooks may call.
    pub environment: Environment,
    /// Opens the secrets of channels.
    pub keyring: Arc<Keyring>,
    /// Where people reach this server; links in messages start with it.
    pub public_url: String,
}

pub struct Engage {
    pub db: Db,
    /// Keeps what people consented to.
    pub govern: Govern,
    pub clock: Arc<dyn Clock>,
    pub audience: Arc<dyn Audience>,
    pub sink: Arc<dyn EventSink>,
    pub jobs: Jobs,
    pub channels: Arc<Channels>,
    pub delivery: Arc<Delivery>,
    pub links: Links,
}

impl Engage {
    /// `rng` makes the secret of tracking links on the first start, and the name
    /// of this process.
    pub async fn open(parts: EngageParts, rng: &mut (dyn RngCore + Send)) -> Result<Arc<Engage>> {
        let EngageParts { db, govern, clock, audience, sink, jobs, environment, keyring, public_url } = parts;
        let links = Links::new(secrets::load(&db, rng).await?, &public_url);
        let channels = Arc::new(Channels::new(db.clone(), keyring, environment));
        channels.seal_again().await?;
        let delivery = Arc::new(Delivery::new(DeliveryParts {
            db: db.clone(),
            clock: Arc::clone(&clock),
            audience: Arc::clone(&audience),
            sink: Arc::clone(&sink),
            channels: Arc::clone(&channels),
            links: links.clone(),
            worker: hex(&rng.next_u64().to_le_bytes()),
        }));
        Ok(Arc::new(Engage { db, govern, clock, audience, sink, jobs, channels, delivery, links }))
    }

    /// Columns of this crate's tables that are sealed.
    pub fn sealed_texts() -> Vec<TextColumn> {
        vec![crate::protection::SHOWN]
    }

    /// Routes of all features, with full paths.
    pub fn routes(self: &Arc<Engage>) -> OpenApiRouter {
        campaigns::routes(Arc::clone(self))
            .merge(report::routes(Arc::clone(self)))
            .merge(channels::routes(Arc::clone(self)))
            .merge(protection::routes(Arc::clone(self)))
            .merge(receipts::routes(Arc::clone(self)))
            .merge(tracking::routes(Arc::clone(self)))
            .merge(preferences::routes(Arc::clone(self)))
    }

    /// The members of a segment now, worked out off the threads that answer requests.
    pub(crate) async fn members(&self, project: ProjectId, segment: i64) -> Result<RoaringBitmap> {
        let audience = Arc::clone(&self.audience);
        tokio::task::spawn_blocking(move || audience.members(project, segment))
            .await
            .map_err(Error::internal)?
    }

    /// Handlers for the job queue.
    pub fn handlers(self: &Arc<Engage>) -> Vec<Arc<dyn JobHandler>> {
        vec![Arc::new(campaigns::Expand(Arc::clone(self)))]
    }

    /// Sends what is due until `stop` becomes true.
    pub async fn work(&self, stop: watch::Receiver<bool>) {
        self.delivery.work(stop).await;
    }
}

impl References for Engage {
    /// Campaigns hold on to the segment they were, or will be, started with.
    fn users(&self, project: ProjectId, named: Named) -> PortFuture<'_, Result<Vec<String>>> {
        Box::pin(async move {
            match named {
                Named::Segment(segment) => campaigns::users_of(&self.db, project, segment).await,
                Named::Tag(_) => Ok(Vec::new()),
            }
        })
    }
}
