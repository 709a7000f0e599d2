import { ticketingMarketing } from '../../functions/ticketing-marketing/flow.ts';
import { defineFlow } from '../../shared/engine/flow.ts';

const { urgent: _, ...howOften } = ticketingMarketing.howOften;

/** The product's flow once more, for vendors that push nothing: no webhook and no urgent lane. */
export const polled = defineFlow({
  ...ticketingMarketing,
  name: 'polled',
  title: 'Box office and marketing, polled',
  howOften: { ...howOften, webhook: false },
  webhooks: {},
});
