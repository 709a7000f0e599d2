import * as z from 'zod';

/** What the embedded host takes from the environment; everything else is an option of `npm start`. */
export interface Environment {
  /** Each page is also sent here as JSON, e.g. to a chat or an on-call service. */
  pagerUrl?: string;
}

const EnvironmentSchema = z.object({
  INTERTIE_PAGER_URL: z.url({ protocol: /^https?$/ }).optional(),
});

/** Throws one line that names the variable; an empty variable counts as absent. */
export function readEnvironment(variables: NodeJS.ProcessEnv = process.env): Environment {
  const given = variables.INTERTIE_PAGER_URL || undefined;
  const parsed = EnvironmentSchema.safeParse({ INTERTIE_PAGER_URL: given });
  if (!parsed.success) {
    throw new Error(
      'INTERTIE_PAGER_URL must be an http or https address, or be left unset: pages then go to the terminal only',
    );
  }
  return parsed.data.INTERTIE_PAGER_URL === undefined ? {} : { pagerUrl: parsed.data.INTERTIE_PAGER_URL };
}
