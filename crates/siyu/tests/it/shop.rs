//! An app with its owner and a site that sends records: where most scenes begin.

use serde_json::{Value, json};
use siyu_types::Role;

use crate::support::{Client, TestApp};

pub struct Shop {
    pub app: TestApp,
    pub owner: Client,
    pub site: Client,
}

impl Shop {
    pub async fn start() -> Shop {
        Shop::of(TestApp::start().await).await
    }

    pub async fn of(app: TestApp) -> Shop {
        let owner = app.user(Role::Owner).await;
        let site = Client::bearer(&app.write_key("网站").await);
        Shop { app, owner, site }
    }

    /// Sends records, and waits until they are applied.
    pub async fn collect(&self, batch: Value) -> Value {
        let answer = self.site.post(&self.app, "/api/v1/collect", json!({ "batch": batch })).await.ok();
        self.app.drain().await;
        answer
    }

    pub async fn get(&self, path: &str) -> Value {
        self.owner.get(&self.app, path).await.ok()
    }

    /// The first person that the list of people finds.
    pub async fn find(&self, query: &str) -> u64 {
        let page = self.get(&format!("/api/v1/people?query={query}")).await;
        page["items"][0]["person"].as_u64().expect("somebody")
    }
}
