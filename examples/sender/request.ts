import { z } from "zod";

/** APNs takes 64 bytes, and headers take no more than ASCII. */
const Name = z.string().regex(/^[\x21-\x7e]{1,64}$/, "1 to 64 characters of ASCII, and no space");

/** Half of a character, as "\ud800", is no text that any service would take. */
const Text = z.string().refine((text) => text.isWellFormed(), "has half of a character");

/** What is asked for: one message, to all devices of some users. */
export const PushRequest = z.strictObject({
  /** Of this message. Whoever asks again by the same id goes on where the first call ended. */
  id: Name,
  /** Ids of users, or their ARNs. */
  users: z.array(Text.min(1)).min(1).max(5_000),
  message: z.strictObject({
    title: Text.min(1),
    body: Text.optional(),
    /** For the app. FCM takes strings only. */
    data: z.record(Text, Text).default({}),
    /** A newer message with the same one takes the place of the older one, on its way and on the screen. */
    collapseId: Name.optional(),
    /** When it is no longer worth showing; absent: the push service tries for some weeks. */
    expiresAt: z.iso
      .datetime({ offset: true })
      .transform((text) => new Date(text))
      .optional(),
  }),
  /** Says what would be sent, and sends nothing. */
  dryRun: z.boolean().default(false),
});

export type PushRequest = z.infer<typeof PushRequest>;
