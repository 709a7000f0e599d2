// In the place of node:https inside a bundle; see builtin-http.ts.
const https = process.getBuiltinModule('node:https');

export const { Agent, request } = https;
export default https;
