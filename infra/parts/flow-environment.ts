import type { EnvironmentSchema } from '../../shared/hosts/aws/environment.ts';
import { stageNames } from '../../shared/hosts/aws/names.ts';
import type { Stage } from '../stage.ts';
import type { ChangeQueues } from './change-queue.ts';

type Variable = keyof typeof EnvironmentSchema.shape;

export interface FlowEnvironmentProps {
  stage: Stage;
  flow: { name: string };
  queues: ChangeQueues;
  table: string;
  deployment: string;
}

/** The variables of every function of the flow: names and addresses, never a secret. */
export function flowEnvironment({
  stage,
  flow,
  queues,
  table,
  deployment,
}: FlowEnvironmentProps): Record<string, string> {
  const urls = [...queues.lanes].map(([lane, queue]) => `"${lane}":"${queue.queueUrl}"`);
  return {
    INTERTIE_STAGE: stage.name,
    INTERTIE_FLOW: flow.name,
    INTERTIE_TABLE: table,
    INTERTIE_QUEUES: `{${urls.join(',')}}`,
    INTERTIE_DLQ_URL: queues.deadLetters.queueUrl,
    INTERTIE_SECRET_PREFIX: stageNames(stage.name).secretPrefix,
    INTERTIE_DEPLOYMENT: deployment,
    ...(queues.events && { INTERTIE_EVENTS_URL: queues.events.queueUrl }),
    ...(stage.publicUrl !== undefined && { INTERTIE_PUBLIC_URL: stage.publicUrl }),
  } satisfies Partial<Record<Variable, string>>;
}
