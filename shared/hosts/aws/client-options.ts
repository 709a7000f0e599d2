/**
 * Every call to AWS: repeated with growing, jittered pauses when it is throttled or not answered. What still
 * fails then is thrown, and the messages come back.
 */
export const CLIENT_OPTIONS = {
  maxAttempts: 6,
  /** Milliseconds. A socket that hangs must not take the worker's whole minute. */
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
} as const;
