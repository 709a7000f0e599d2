import * as z from 'zod';

/** Who renews an account's credentials right now. */
export const RefreshSchema = z.object({ token: z.string(), until: z.number() });
