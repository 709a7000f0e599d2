import { apiHandler, timerHandler, workHandler } from '../../shared/hosts/aws/handlers/service.ts';
import { payments } from './service.ts';

// Each is bundled alone; the marks let the bundler leave the others out.
export const api = /* @__PURE__ */ apiHandler(payments);
export const work = /* @__PURE__ */ workHandler(payments);
export const timer = /* @__PURE__ */ timerHandler(payments);
