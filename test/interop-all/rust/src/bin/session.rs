//! Calls with a user's token through the AWS SDK for Rust, unmodified: the SDK itself fetches credentials for it, and
//! fetches new ones when they have expired. Tells each step and what it came to.

use aws_config::BehaviorVersion;
use aws_sdk_chimesdkidentity::Client;
use aws_sdk_chimesdkidentity::config::retry::RetryConfig;
use aws_sdk_chimesdkidentity::config::{Credentials, ProvideCredentials, SharedCredentialsProvider};
use aws_sdk_chimesdkidentity::error::ProvideErrorMetadata;
use std::env;
use std::time::Duration;

/// How long a token in the file is good at the most, and so a session that was made of one.
const LIFE: Duration = Duration::from_secs(70);

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let id = env::args().nth(1).expect("the user's id");
    let url = env::var("ROLLCALL_URL").expect("ROLLCALL_URL must be set");
    // All that it knows of credentials is in the environment.
    let config = aws_config::defaults(BehaviorVersion::latest())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .endpoint_url(url)
        .retry_config(RetryConfig::disabled())
        .load()
        .await;
    let client = Client::new(&config);
    println!("own user: {}", list(&client, &id).await);
    println!("another user: {}", list(&client, "another").await);

    let provider = config.credentials_provider().expect("a provider");
    let session = provider.provide_credentials().await.expect("credentials");
    let with = |credentials: Credentials| {
        let config = config.to_builder().credentials_provider(SharedCredentialsProvider::new(credentials)).build();
        Client::new(&config)
    };
    println!("altered session: {}", list(&with(altered(&session)), &id).await);

    tokio::time::sleep(LIFE + Duration::from_secs(1)).await;
    let kept = Credentials::new(
        session.access_key_id(),
        session.secret_access_key(),
        session.session_token().map(String::from),
        None,
        "session story",
    );
    println!("expired session: {}", list(&with(kept), &id).await);
    println!("own user after expiry: {}", list(&client, &id).await);
}

fn altered(session: &Credentials) -> Credentials {
    let token = session.session_token().expect("a session token");
    let (start, end) = token.split_at(token.len() - 4);
    let end = if end == "AAAA" { "BBBB" } else { "AAAA" };
    let (key, secret) = (session.access_key_id(), session.secret_access_key());
    Credentials::new(key, secret, Some(format!("{start}{end}")), None, "session story")
}

/// What a list of a user's endpoints came to: "ok", or the name of an exception.
async fn list(client: &Client, id: &str) -> String {
    let user = format!("arn:aws:chime:us-east-1:123456789012:app-instance/interop/user/{id}");
    match client.list_app_instance_user_endpoints().app_instance_user_arn(user).send().await {
        Ok(_) => "ok".into(),
        Err(error) => match error.as_service_error().and_then(ProvideErrorMetadata::code) {
            Some(code) => code.into(),
            None => format!("{error:?}"),
        },
    }
}
