import t from 'tap';
import { MemberList } from '../../../services/cache/member-list.js';
import { ManualClock } from '../../helpers/manual-clock.js';

t.test('given a list, it is whole once it has been known for W, whoever tells it again', async (t) => {
  const clock = new ManualClock();
  const members = new MemberList(clock);
  t.notOk(members.isKnownFor('a', 1000), 'never heard of');
  members.note('a');
  clock.advance(999);
  members.note('a');
  t.notOk(members.isKnownFor('a', 1000));
  clock.advance(1);
  t.ok(members.isKnownFor('a', 1000));
  members.note('b');
  t.notOk(members.isKnownFor('a', 1000), 'another is in force');
  t.notOk(members.isKnownFor('b', 1000));
  clock.advance(1000);
  t.ok(members.isKnownFor('b', 1000));
});
