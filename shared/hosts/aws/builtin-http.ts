// In the place of node:http inside a bundle. `import` of that module reads all of its exports, and one of them loads
// Node's fetch with everything behind it: a fifth of a cold start, for nothing.
const http = process.getBuiltinModule('node:http');

export const { Agent, request } = http;
export default http;
