import { Fault } from '../../engine/fault.ts';
import { Problem } from '../../operate/api/problem.ts';

/** What AWS and vendors answer, in terms of what an operator can do about it. Undefined = a defect of ours. */
export function explainer(stage: string): (error: unknown) => Problem | undefined {
  return (error) => {
    if (error instanceof Fault)
      return new Problem(
        502,
        error.message,
        error.mend ?? 'try again; "status" shows what is held or paused',
      );
    if (!(error instanceof Error)) return undefined;
    if (/^Region is missing/.test(error.message))
      return new Problem(400, 'no AWS region is set', 'set AWS_REGION, or a region in the profile');
    return BY_NAME.find(([names]) => names.test(error.name))?.[1](stage, error);
  };
}

const BY_NAME: readonly [RegExp, (stage: string, error: Error) => Problem][] = [
  [
    /QueueDoesNotExist|NonExistentQueue|ResourceNotFoundException/,
    (stage) =>
      new Problem(
        404,
        `stage "${stage}" is not deployed in this AWS account and region, or not with this flow`,
        'check --stage, --profile and AWS_REGION; deploy with npx cdk deploy --all',
      ),
  ],
  [
    /CredentialsProviderError|ExpiredToken|UnrecognizedClient|InvalidClientTokenId|InvalidSignature/,
    () =>
      new Problem(
        401,
        'there are no AWS credentials here that are good now',
        'sign in (aws sso login), or name a profile with --profile',
      ),
  ],
  [
    /AccessDenied/,
    (_, { message }) =>
      new Problem(
        403,
        `AWS refuses it: ${/perform: (\S+)/.exec(message)?.[1] ?? 'no permission'}`,
        "infra/README.md lists what an operator's role must allow",
      ),
  ],
  [
    /Throttl|ProvisionedThroughput|RequestLimit|TimeoutError/,
    () => new Problem(503, 'AWS does not answer in time', 'try again in a moment; nothing was lost'),
  ],
];
