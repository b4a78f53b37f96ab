import { expect, test } from 'vitest';
import { javaCommand, javaFailure } from '../../cli/java.ts';

test('the Java of JAVA_HOME goes before the one on the path', () => {
  expect(javaCommand({ JAVA_HOME: '/opt/jdk' })).toBe('/opt/jdk/bin/java');
  expect(javaCommand({})).toBe('java');
});

test.each([
  [127, 'spawn java ENOENT'],
  [1, 'The operation couldn’t be completed. Unable to locate a Java Runtime.'],
])('says that Java is missing and what to install (exit %i)', (exitCode, stderr) => {
  const { code, message } = javaFailure('java', exitCode, stderr);

  expect(code).toBe('engine');
  expect(message).toMatch(/needs Java, and java was not found: install a JDK of version 17 or later/);
});

test('says that the Java is too old where it cannot load the classes', () => {
  const stderr = 'Exception in thread "main" java.lang.UnsupportedClassVersionError: (class file version 61.0)';

  expect(javaFailure('java', 1, stderr).message).toMatch(
    /needs a newer Java than java is: install a JDK of version 17/,
  );
});

test('any other failure keeps the last line that the engine wrote', () => {
  expect(javaFailure('java', 3, 'first\nlast words\n').message).toBe(
    'DynamoDB Local ended with exit code 3 at its start: last words',
  );
});
