/** What the register allows, each number with its source or its arithmetic. */

/** Live endpoints of one user, unless configured: AWS's quota L-39BCA56C. */
export const ENDPOINTS_PER_USER_DEFAULT = 10;

/** The most that may be configured: with as many tombstones again, a user stays within ROWS_PER_USER_MAX. */
export const ENDPOINTS_PER_USER_MAX = 500;

/** Live endpoints and unexpired tombstones of one user: what one call ever loads. */
export const ROWS_PER_USER_MAX = 1_000;

/**
 * As many endpoints of a user may be deregistered in TOMBSTONE_LIFETIME_MS before registrations slow down, each to wait for
 * no longer than REGISTRATIONS_WINDOW_MS. Else whoever has stolen a user's token could fill the rows in two minutes, and
 * shut the user out for a day after the token has expired. ENDPOINTS_PER_USER_MAX, these, and what comes after them in a
 * day are ROWS_PER_USER_MAX: 500 + 260 + 24 × 10.
 */
export const DEREGISTRATIONS_FREE_MAX = 260;

/** How many may be registered after that, in REGISTRATIONS_WINDOW_MS. */
export const REGISTRATIONS_AFTER_MAX = 10;

export const REGISTRATIONS_WINDOW_MS = 60 * 60 * 1_000;

/** How long the request token of a deregistered endpoint still refuses late retries; EC2 and EKS keep theirs as long. */
export const TOMBSTONE_LIFETIME_MS = 24 * 60 * 60 * 1_000;

/**
 * How long a purge leaves expired tombstones to gather, so that they go by the batch and not with an alarm each. A
 * purge that failed is tried again after as long.
 */
export const PURGE_PAUSE_MS = 60 * 60 * 1_000;

/**
 * A call that only confirms a token is written when the one before is older. Apps do that at each launch, and a daily row would
 * cost thirty a month: five are enough to tell a device that is used from one that lies in a drawer.
 */
export const CONFIRMATION_LIFETIME_MS = 7 * 24 * 60 * 60 * 1_000;

/**
 * How far apart two failures must be that only may be the token's fault, for the token to be believed dead: a wrong environment or
 * an outage of the push service is found and mended within a day.
 */
export const SUSPICION_MS = 24 * 60 * 60 * 1_000;

/** How far the clocks of two objects may be apart before the Directory takes the one that is ahead for its own. */
export const CLOCKS_APART_MAX_MS = 60 * 1_000;

/**
 * With DEVICES=move, devices that are new to a user in a day. Whoever has a list of tokens could else take the phones of a whole app
 * from their users within minutes.
 */
export const DEVICES_PER_DAY = 100;

/** Endpoints on one page of an app instance's list. */
export const PAGE_HOLDINGS_MAX = 1_000;

/** Shards of the Directory that one page of that list asks: a request on Cloudflare's free plan may make 50 calls. */
export const SHARDS_A_PAGE_MAX = 16;

/** Shards that one purge has forget what has expired, for the same reason. The others follow an hour later. */
export const SHARDS_A_PURGE_MAX = 40;

/** Users of one device whom a look-up asks, for the same reason: who shares a device with more shares no device. */
export const LOOKED_UP_MAX = 40;

/** Users whom one alarm of the Directory's tells that they have lost a device. */
export const LOSERS_AT_ONCE = 32;

/** How long each of them may take to answer. */
export const LOSER_ANSWER_MAX_MS = 10_000;

/** Up to how many of those who wait to be told are counted for operators, and of the devices of a shard, which takes half a second. */
export const LOSERS_COUNTED_MAX = 1_000;
export const DEVICES_COUNTED_MAX = 100_000;

/** Shards that are asked at once how they are. */
export const SHARD_STATES_AT_ONCE = 8;

/** How long a shard whose alarm has failed waits before the next one. */
export const ALARM_PAUSE_MS = 60_000;

/** Events in one POST to the receiver, and how long its body may be. */
export const EVENTS_PER_BATCH = 100;
export const EVENTS_BATCH_MAX_BYTES = 256 * 1_024;

/** Events that one shard keeps for a receiver that does not take them: a few minutes of the busiest shard, and of most many days. */
export const EVENTS_PER_SHARD_MAX = 100_000;

/** How many of a shard's oldest events are dropped at once, where there is no room for more: at the least a whole batch. */
export const EVENTS_DROPPED_AT_ONCE = 1_000;

/** How long an event is kept that can't be delivered: over a weekend. */
export const EVENTS_KEPT_MS = 3 * 24 * 60 * 60 * 1_000;

/** How long the receiver may take to answer. */
export const EVENTS_ANSWER_MAX_MS = 10_000;

/** How long a batch waits that was not taken; doubled each time, up to an hour. */
export const EVENTS_FIRST_RETRY_MS = 5_000;

/** EVENTS_SECRETS: as Standard Webhooks has it, and two so that one can be replaced. */
export const EVENTS_SECRETS_MAX = 2;
export const EVENTS_SECRET_MIN_BYTES = 24;
export const EVENTS_SECRET_MAX_BYTES = 64;

/**
 * How long what was erased can still be recovered.
 * Source: developers.cloudflare.com/durable-objects/api/sqlite-storage-api, point in time recovery
 */
export const RECOVERY_COPIES_KEPT_MS = 30 * 24 * 60 * 60 * 1_000;

/** How many users one call may be about, and how many failures: the constraints of the proto say so too. */
export const BATCH_MAX = 100;

/** Users' objects that one call asks at once. */
export const FAN_OUT_MAX = 32;

/** How long an answer about many users is, about, and so what can be answered of one of them: half of what gRPC's clients take. */
export const BATCH_ANSWER_MAX_BYTES = 2 * 1_024 * 1_024;

/** What users' objects may answer at once, before it is known how much they will: eight of the longest answers. */
export const FAN_OUT_MAX_BYTES = 8 * BATCH_ANSWER_MAX_BYTES;

/** The longest of one deliverable endpoint: two tokens and an ARN of 1,600 code points, each at the most 6 bytes in JSON. */
export const ENDPOINT_JSON_MAX_BYTES = 3 * 1_600 * 6;

/** STALE_DAYS: shorter than two confirmations it would hide devices that are used, and Google's longest is 270. */
export const STALE_DAYS_MIN = 14;
export const STALE_DAYS_MAX = 400;

/** Endpoints on one page of a list, and what is answered when nobody asks for fewer: MaxResults of AWS's model. */
export const PAGE_ENDPOINTS_MAX = 50;

/** Calls of one operation for one user, unless configured; AWS allows 10 a second for what changes a user. */
export const OPERATION_RATE_PER_SECOND_DEFAULT = 10;

/** What the binding CALLER_RATE counts over, which wrangler.toml says too; a test holds the two together. */
export const CALLER_RATE_PERIOD_MS = 10_000;

/** How many times as often as each other operation a sender may resolve a user, or report failures of one. */
export const SENDER_RATE_TIMES = 10;

/** Calls about many users by one caller in CALLER_RATE_PERIOD_MS, where no binding BATCH_RATE counts them: as wrangler.toml has it. */
export const BATCHES_PER_CALLER_DEFAULT = 300;

/** How many of those calls may come at once; AWS publishes no burst, so twice the rate. */
export const OPERATION_BURST_DEFAULT = 20;

/**
 * The longest that an empty bucket may take to fill. A Durable Object is evicted after 10 s without a call, and a
 * bucket kept in memory is lost with it: one that is full by then loses nothing.
 * Source: developers.cloudflare.com/durable-objects/concepts/durable-object-lifecycle
 */
export const BUCKET_REFILL_MAX_MS = 10_000;

/** The most users that may be configured to be awake at once: three files each are then more than Linux gives a process. */
export const USERS_AT_ONCE_MAX = 1_000_000;

/** More calls of one caller in CALLER_RATE_PERIOD_MS than any machine serves. */
export const CALLS_PER_CALLER_MAX = 1_000_000;

/**
 * The largest request body. The longest valid Register has five members of 1,600 code points, each at the most 12
 * bytes when escaped as a surrogate pair (\uXXXX\uXXXX): 96,000 bytes.
 */
export const BODY_MAX_BYTES = 128 * 1_024;
