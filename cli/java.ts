import { join } from 'node:path';
import { MillraceError } from '../shared/core/errors.ts';

/** The Java that DynamoDB Local needs at least: its classes have the format of this release. */
export const OLDEST_JAVA = 17;

/** The `java` of JAVA_HOME, or else the first on the path. */
export function javaCommand(environment: NodeJS.ProcessEnv = process.env): string {
  return environment.JAVA_HOME ? join(environment.JAVA_HOME, 'bin', 'java') : 'java';
}

/**
 * Says why a Java process of ours ended before it was of use, in one line that names what to do.
 *
 * @param exitCode 127 where the command could not be started at all.
 * @param stderr what the process wrote before it ended; only its end is needed.
 */
export function javaFailure(command: string, exitCode: number | null, stderr: string): MillraceError {
  const remedy = `install a JDK of version ${OLDEST_JAVA} or later (apt-get install openjdk-17-jdk-headless, brew install openjdk), or point JAVA_HOME at one`;
  if (exitCode === 127 || /Unable to locate a Java Runtime/.test(stderr)) {
    return new MillraceError('engine', `DynamoDB Local needs Java, and ${command} was not found: ${remedy}`);
  }
  if (/UnsupportedClassVersionError/.test(stderr)) {
    return new MillraceError('engine', `DynamoDB Local needs a newer Java than ${command} is: ${remedy}`);
  }
  const lastLine = stderr.trim().split('\n').at(-1) ?? '';
  return new MillraceError('engine', `DynamoDB Local ended with exit code ${exitCode} at its start: ${lastLine}`);
}
