/** What `npm run bench` was asked for beside the names of the benches. */
export interface BenchOptions {
  /** The long ones too: a million records. */
  full: boolean;
  /** Directory for CPU profiles of the host process. */
  profile: string | undefined;
}
