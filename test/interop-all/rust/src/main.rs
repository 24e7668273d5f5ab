//! Lives a phone's life through the AWS SDK for Rust, unmodified, and tells each step and what it came to.

use aws_sdk_chimesdkidentity::config::retry::RetryConfig;
use aws_sdk_chimesdkidentity::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_chimesdkidentity::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_chimesdkidentity::operation::list_app_instance_user_endpoints::ListAppInstanceUserEndpointsOutput;
use aws_sdk_chimesdkidentity::types::{
    AllowMessages, AppInstanceUserEndpoint, AppInstanceUserEndpointType, EndpointAttributes, EndpointStatus,
};
use aws_sdk_chimesdkidentity::{Client, Config};
use std::env;
use std::fmt::Debug;

const DEVICE_TOKEN: &str = "  dévice/+=😀 ";

/// What a call came to: what it answered, or why it was refused.
type Outcome<T> = Result<T, Refusal>;

/// The name of an exception, whether the SDK has raised it as a type of its own, and its message.
struct Refusal {
    name: String,
    message: String,
}

impl<E: ProvideErrorMetadata + Debug, R: Debug> From<SdkError<E, R>> for Refusal {
    fn from(error: SdkError<E, R>) -> Self {
        let Some(service_error) = error.as_service_error() else {
            return Refusal { name: format!("{error:?}"), message: String::new() };
        };
        let code = service_error.code().unwrap_or("no code");
        let is_typed = !format!("{service_error:?}").starts_with("Unhandled");
        Refusal {
            name: if is_typed { code.into() } else { format!("{code} (untyped)") },
            message: service_error.message().unwrap_or_default().into(),
        }
    }
}

/// A phone of one user.
struct Phone {
    client: Client,
    user: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let id = env::args().nth(1).expect("the user's id");
    let user = format!("arn:aws:chime:us-east-1:123456789012:app-instance/interop/user/{id}");
    let (url, key, secret) =
        (variable("ROLLCALL_URL"), variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY"));
    let phone = |url: &str, key: &str, secret: &str| Phone { client: client_of(url, key, secret), user: user.clone() };
    phone(&url, &key, &secret).live().await;

    let alice = phone(&url, &variable("ALICE_ACCESS_KEY_ID"), &variable("ALICE_SECRET_ACCESS_KEY"));
    tell("a key for alice only", ok(alice.list(50, None).await));
    let forger = phone(&url, &key, "another");
    tell("another secret", ok(forger.list(50, None).await));
    let stranger = phone(&variable("ROLLCALL_CLOSED_URL"), &key, &secret);
    tell("nobody known", ok(stranger.list(50, None).await));
}

impl Phone {
    async fn live(&self) {
        let installed = self.register(DEVICE_TOKEN, "install").await;
        let id = installed.as_deref().unwrap_or_default().to_string();
        tell("install", ok(installed));
        let retried = self.register(DEVICE_TOKEN, "install").await;
        tell("retry", retried.map(|again| told(again == id, "the same endpoint")));
        tell_naming("relaunch", &id, ok(self.register(DEVICE_TOKEN, "relaunch").await));
        let described = self.describe(&id).await;
        tell("describe", described.map(|endpoint| told(is_registered(&endpoint, &id), "as registered")));
        tell("mute", ok(self.update(&id, AllowMessages::None).await));
        let muted = self.describe(&id).await;
        tell(
            "describe muted",
            muted.map(|endpoint| endpoint.allow_messages.map_or("absent".into(), |allow| allow.as_str().into())),
        );
        tell("reinstall", ok(self.register("a new device token", "reinstall").await));
        tell("list", self.list(50, None).await.map(count));

        for n in 2..10 {
            if let Err(refusal) = self.register(&format!("device {n}"), &format!("request-{n}")).await {
                tell("fill", Err(refusal));
            }
        }
        tell("fill", self.list(50, None).await.map(count));
        tell("one more", ok(self.register("one more", "one-more").await));
        tell("list by 4", self.pages(4).await);
        tell("made-up page token", ok(self.list(50, Some("made-up".into())).await));

        tell("deregister", ok(self.deregister(&id).await));
        tell("deregister again", ok(self.deregister(&id).await));
        tell("describe what is gone", ok(self.describe(&id).await));
        tell("update what is gone", ok(self.update(&id, AllowMessages::All).await));
        tell_naming("late retry", &id, ok(self.register(DEVICE_TOKEN, "install").await));
        tell("register again", ok(self.register(DEVICE_TOKEN, "again").await));
        tell("too many calls", self.list_until_refused(500).await);
    }

    async fn register(&self, device_token: &str, request_token: &str) -> Outcome<String> {
        let attributes = EndpointAttributes::builder().device_token(device_token).build().expect("a device token");
        let output = self
            .client
            .register_app_instance_user_endpoint()
            .app_instance_user_arn(&self.user)
            .r#type(AppInstanceUserEndpointType::Apns)
            .resource_arn("arn:aws:mobiletargeting:us-east-1:123456789012:apps/interop")
            .endpoint_attributes(attributes)
            .client_request_token(request_token)
            .name("Ada's phone")
            .send()
            .await?;
        Ok(output.endpoint_id.unwrap_or_default())
    }

    async fn describe(&self, id: &str) -> Outcome<AppInstanceUserEndpoint> {
        let call = self.client.describe_app_instance_user_endpoint();
        let output = call.app_instance_user_arn(&self.user).endpoint_id(id).send().await?;
        Ok(output.app_instance_user_endpoint.expect("an endpoint"))
    }

    async fn list(&self, max: i32, token: Option<String>) -> Outcome<ListAppInstanceUserEndpointsOutput> {
        let call = self.client.list_app_instance_user_endpoints();
        Ok(call.app_instance_user_arn(&self.user).max_results(max).set_next_token(token).send().await?)
    }

    async fn pages(&self, max: i32) -> Outcome<String> {
        let mut sizes = Vec::new();
        let mut token = None;
        loop {
            let page = self.list(max, token).await?;
            sizes.push(page.app_instance_user_endpoints().len().to_string());
            token = page.next_token;
            if token.is_none() {
                return Ok(sizes.join(", "));
            }
        }
    }

    async fn list_until_refused(&self, calls: u32) -> Outcome<String> {
        for _ in 0..calls {
            self.list(50, None).await?;
        }
        Ok("all served".into())
    }

    async fn update(&self, id: &str, allow_messages: AllowMessages) -> Outcome<()> {
        let call = self.client.update_app_instance_user_endpoint();
        call.app_instance_user_arn(&self.user).endpoint_id(id).allow_messages(allow_messages).send().await?;
        Ok(())
    }

    async fn deregister(&self, id: &str) -> Outcome<()> {
        let call = self.client.deregister_app_instance_user_endpoint();
        call.app_instance_user_arn(&self.user).endpoint_id(id).send().await?;
        Ok(())
    }
}

/// A client that tries each call once, so that a refusal is seen as it is.
fn client_of(url: &str, key: &str, secret: &str) -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .endpoint_url(url)
        .region(Region::new(variable("AWS_REGION")))
        .credentials_provider(Credentials::new(key, secret, None, None, "phone story"))
        .retry_config(RetryConfig::disabled())
        .build();
    Client::from_conf(config)
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("{name} must be set"))
}

fn is_registered(endpoint: &AppInstanceUserEndpoint, id: &str) -> bool {
    endpoint.endpoint_id() == Some(id)
        && endpoint.name() == Some("Ada's phone")
        && endpoint.endpoint_attributes().is_some_and(|attributes| attributes.device_token() == DEVICE_TOKEN)
        && endpoint.endpoint_state().is_some_and(|state| *state.status() == EndpointStatus::Active)
        && endpoint.created_timestamp().is_some()
        && endpoint.created_timestamp() == endpoint.last_updated_timestamp()
}

fn count(page: ListAppInstanceUserEndpointsOutput) -> String {
    format!("{} endpoints", page.app_instance_user_endpoints().len())
}

fn told(holds: bool, text: &str) -> String {
    if holds { text.into() } else { format!("not {text}") }
}

fn ok<T>(outcome: Outcome<T>) -> Outcome<String> {
    outcome.map(|_| "ok".into())
}

fn tell(step: &str, outcome: Outcome<String>) {
    println!("{step}: {}", outcome.unwrap_or_else(|refusal| refusal.name));
}

/// Tells a refusal, and whether it names the endpoint in the way.
fn tell_naming(step: &str, id: &str, outcome: Outcome<String>) {
    tell(
        step,
        outcome.map_err(|refusal| match refusal.message.contains(id) {
            true => Refusal { name: format!("{}, which names the endpoint", refusal.name), ..refusal },
            false => refusal,
        }),
    );
}
