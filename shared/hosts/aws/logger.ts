import { LogFormatter, Logger, LogItem } from '@aws-lambda-powertools/logger';
import type { LogAttributes } from '@aws-lambda-powertools/logger/types';

/** Powertools decides whether and where to write; the line is ours. */
class LineFormatter extends LogFormatter {
  override formatAttributes({ message }: { message?: string }, additional: LogAttributes): LogItem {
    return new LogItem({ attributes: { log: message, ...additional } });
  }
}

/** JSON lines on standard output. */
export function openLogger(): Logger {
  return new Logger({ logFormatter: new LineFormatter(), logLevel: 'INFO' });
}
