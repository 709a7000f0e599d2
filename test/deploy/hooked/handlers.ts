import { auditHandler } from '../../../shared/hosts/aws/handlers/audit.ts';
import { keepHandler } from '../../../shared/hosts/aws/handlers/keep.ts';
import { receiveHandler } from '../../../shared/hosts/aws/handlers/receive.ts';
import { reconcileHandler } from '../../../shared/hosts/aws/handlers/reconcile.ts';
import { scanHandler } from '../../../shared/hosts/aws/handlers/scan.ts';
import { hooked } from './flow.ts';

// Each is bundled alone; the marks let the bundler leave the others out.
export const receive = /* @__PURE__ */ receiveHandler(hooked);
export const reconcile = /* @__PURE__ */ reconcileHandler(hooked);
export const scan = /* @__PURE__ */ scanHandler(hooked);
export const audit = /* @__PURE__ */ auditHandler(hooked);
export const keep = /* @__PURE__ */ keepHandler(hooked);
