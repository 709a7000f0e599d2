/**
 * Names of deployed resources. They are fixed, not generated: stacks then need no exports from each other (each
 * can be deployed and rolled back alone), and an operator finds everything by stage and flow.
 */
export function stageNames(stage: string) {
  const prefix = `intertie-${stage}`;
  return {
    sharedStack: `${prefix}-shared`,
    table: `${prefix}-state`,
    topic: (contact: string) => `${prefix}-page-${contact}`,
    dashboard: prefix,
    secretPrefix: `intertie/${stage}/`,
  };
}

export type FlowNames = ReturnType<typeof flowNames>;

export function flowNames(stage: string, flow: string) {
  const prefix = `intertie-${stage}-${flow}`;
  return {
    stack: prefix,
    queue: (lane: string) => `${prefix}-${lane}`,
    deadLetters: `${prefix}-dead-letters`,
    missedRuns: `${prefix}-missed-runs`,
    /** Of a service, for whoever listens to it. */
    events: `${prefix}-events`,
    /** Events that their reader could not take. */
    unreadEvents: `${prefix}-events-dead-letters`,
    handler: (handler: string) => `${prefix}-${handler}`,
    logGroup: (handler: string) => `/intertie/${stage}/${flow}/${handler}`,
    alarm: (rule: string) => `${prefix}-${rule}`,
    schedule: (name: string) => `${prefix}-${name}`,
  };
}
