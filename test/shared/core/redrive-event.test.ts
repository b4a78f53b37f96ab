import { describe, expect, test } from 'vitest';
import { MillraceError } from '../../../shared/core/errors.ts';
import { parseRedrive, redriveEvent, redriveIn } from '../../../shared/core/redrive-event.ts';

describe('the event that asks for a redrive', () => {
  test('is an event without records, which a handler without parking takes for nothing to do', () => {
    expect(redriveEvent()).toEqual({ Records: [], millrace: { redrive: {} } });
    expect(redriveEvent(['a'])).toEqual({ Records: [], millrace: { redrive: { items: ['a'] } } });
  });

  test.each([[[]], [['a', 'b']]])('is read as it was made, for the items %j', (items) => {
    expect(parseRedrive(redriveIn(redriveEvent(items)))).toEqual({ items });
  });

  test.each([undefined, null, 'text', 1, {}, { Records: [] }, { millrace: null }, { millrace: 'x' }, { millrace: {} }])(
    'is not %j',
    (event) => {
      expect(redriveIn(event)).toBeUndefined();
    },
  );

  test.each([null, undefined, 'all', ['a'], { items: 'a' }, { items: [1] }, { items: ['a', 1] }, { items: null }])(
    'is refused where it asks for %j',
    (request) => {
      const message = 'redrive must be an object that may hold items, a list of texts, got ';

      expect(() => parseRedrive(request)).toThrow(new MillraceError('invalid-request', message + shown(request)));
    },
  );

  test('is refused with no more of what it asks for than a log line takes', () => {
    const refused = () => parseRedrive('x'.repeat(1_000));

    expect(refused).toThrow(`got "${'x'.repeat(199)}`);
    expect(refused).not.toThrow('x'.repeat(200));
  });
});

const shown = (request: unknown): string => String(JSON.stringify(request));
