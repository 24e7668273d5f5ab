import { z } from "zod";

/** APNs takes 64 bytes, and headers take no more than ASCII. */
const Name = z.string().regex(/^[\x21-\x7e]{1,64}$/, "1 to 64 characters of ASCII, and no space");

/** What is asked for: one message, to all devices of some users. */
export const PushRequest = z.strictObject({
  /** Of this message. Whoever asks again by the same id goes on where the first call ended. */
  id: Name,
  /** Ids of users, or their ARNs. */
  users: z.array(z.string().min(1)).min(1).max(5_000),
  message: z.strictObject({
    title: z.string().min(1),
    body: z.string().optional(),
    /** For the app. FCM takes strings only. */
    data: z.record(z.string(), z.string()).default({}),
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
