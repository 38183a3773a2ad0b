import t from 'tap';
import { optimizeText } from '../../../services/optimize/optimize-text.js';
import { type Language, loadSyntax } from '../../../services/optimize/syntax.js';

const syntax = await loadSyntax();
const reasons = (language: Language, text: string, tooOld: string | null = null): string[] =>
  optimizeText(text, { syntax, language, tooOld }).left.map(({ reason }) => reason);

const UNKNOWN_PYTHON = 'it is not known to be a query of Django or SQLAlchemy';
const PYTHON: readonly (readonly [text: string, reason: string | RegExp])[] = [
  ['if items.count() > 0: pass', UNKNOWN_PYTHON],
  ['import peewee\nif A.objects.count() > 0: pass', /imports peewee/],
  ['if A.objects.select_for_update().count() > 0: pass', /lock a row/],
  ['if A.objects.union(b)[1:].count() > 0: pass', /slice of a union/],
  ['x = a and A.objects.count()', /value of this `and` or `or`/],
  ['async def f():\n    if await A.objects.acount() > 0: pass', /not awaited/],
  ['s = f"{A.objects.count() > 0=}"', /f-string/],
  ['if User.query.count() > 0: pass', /through which session/],
  ['import sqlalchemy\nif get().query(User).count() > 0: pass', /asked for twice: get\(\)/],
  ['if session.query(func.now()).count() > 0: pass', /other than models and columns/],
  ['if session.query(A).with_for_update().count() > 0: pass', /`with_for_update`/],
  ['if session.scalar(select(func.count())) > 0: pass', /by hand/],
  ['def f():\n    session = a\n    session = b\n    if session.query(A).count(): pass', /several values/],
  [
    'def f(session):\n    q = session.query(A)\n    q = q.all()\n    if q.count(): pass',
    /not known to be a query/,
  ],
];

t.test('each check of Python that is left has its reason', async (t) => {
  for (const [text, reason] of PYTHON) t.match(reasons('python', text), [reason], text);
});

const UNKNOWN_TYPESCRIPT = 'it is not known to be a query of Prisma or TypeORM';
const USERS = "import { Repository } from 'typeorm';\nlet users: Repository<User>;\n";
const TYPESCRIPT: readonly (readonly [text: string, reason: string | RegExp])[] = [
  ['if ((await User.countDocuments()) > 0) go();', UNKNOWN_TYPESCRIPT],
  ['if (users.count() > 0) go();', /not awaited/],
  ['if (await users?.count()) go();', /`\?\.`/],
  ['const n = a || (await users.count());', /value of this `&&` or `\|\|`/],
  ['if (await prisma.user.count(args)) go();', /not written out here, so it may take/],
  ['if (await prisma.user.count({ select: { id: true } })) go();', /gives an object/],
  [`${USERS}if (await users.count({ skip: 1 })) go();`, /`skip`/],
  [`${USERS}if (await users.count(options)) go();`, /skip, take or order/],
  [`${USERS}if (await users.countBy()) go();`, /exactly its conditions/],
  [`${USERS}if (await users.createQueryBuilder().limit(1).getCount()) go();`, /`limit`/],
  [`${USERS}if (await qb.getCount()) go();`, /not built here/],
];

t.test('each check of TypeScript that is left has its reason', async (t) => {
  for (const [text, reason] of TYPESCRIPT) t.match(reasons('typescript', text), [reason], text);
  t.same(reasons('typescript', `${USERS}if (await users.count()) go();`, 'too old'), ['too old']);
});

t.test('what needs nothing done is not reported', async (t) => {
  t.same(reasons('python', 'if A.objects.exists() and A.objects.count() > 5: pass'), []);
  t.same(reasons('typescript', 'if ((await prisma.user.count({ where, take: 1 })) > 0) go();'), []);
});
