"""Whatever is returned, exchanged, claimed and withdrawn, in whatever order: no more goes back than came."""

from __future__ import annotations

import shutil
import uuid
from datetime import date

import pytest
import sqlalchemy as sa
from held import NOON
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from returns_shop import bring_back
from small_shop import SKUS, ZONE, deliver_all, sell, small_shop, stock

from oms_core.audit.laws import run
from oms_core.kernel import clock
from oms_core.kernel.database import make_engine, transaction
from oms_core.kernel.errors import OmsError
from oms_core.orders.commands import NewAdjustment
from oms_core.orders.tables import Order, OrderLine
from oms_core.payments.tables import Payment
from oms_core.returns import claim_resolving, claims, commands, exchanges, refunds, withdrawals
from oms_core.returns.case_tables import CLAIM_KINDS, CLAIM_RESOLUTIONS, Claim, Exchange, Withdrawal
from oms_core.returns.claims import NewClaimLine
from oms_core.returns.commands import NewReturnLine, UnitDecision
from oms_core.returns.exchanges import NewExchangeLine
from oms_core.returns.policies import Terms, save_policy
from oms_core.returns.proposals import Back, Situation, bonus, capped, policy_lines, split_back
from oms_core.returns.tables import GRADES, Return, ReturnLine, ReturnUnit
from oms_core.returns.units import DECISIONS, MOVES_AT
from oms_core.returns.withdrawal_settling import settle_withdrawal
from oms_core.returns.withdrawals import Declaration

PICK = st.integers(0, 7)
UNITS = st.integers(1, 2)
#: How far a document is taken at once: asked for, goods brought back, money settled.
GO = st.integers(0, 2)
SHARE = st.integers(0, 10_000)
#: Returns whose goods are in; the others are refused anyway.
HERE = Return.state.in_(("received", "inspected", "closed"))
MINOR = st.integers(0, 100_000)


class GoodsBack(RuleBasedStateMachine):
    """Random commands of the returns room on a small shop; every database of its own."""

    open_engine = None

    @initialize()
    def open_shop(self):
        self.engine = type(self).open_engine()
        self.n = 0
        with clock.frozen(NOON), transaction(self.engine) as session:
            self.shop = small_shop(session)
            stock(session, self.shop, MUG=60, BAG=60, TIN=60)
            save_policy(session, code="web", channel="web", fee_bp=700, label_minor=333, credit_bonus_bp=500,
                        grade_cuts={"c": 3333}, shipping_refund="whole_order")  # fmt: skip
        for n in range(3):
            self.act(lambda s, n=n: self.deliver(s, f"early{n}", discount=n * 101, MUG=4, BAG=3, TIN=2))

    def deliver(self, session, name, *, discount, paid=True, **units):
        extra = [NewAdjustment(kind="shipping", amount_minor=999)]
        extra += [NewAdjustment(kind="discount", amount_minor=-discount)] if discount else []
        deliver_all(session, sell(session, self.shop, name, paid=paid, adjustments=extra, **units))

    def act(self, action):
        """Run one command as the edge does; expected errors are part of life."""
        with clock.frozen(NOON):
            try:
                with transaction(self.engine) as session:
                    action(session)
            except OmsError as error:
                assert error.message  # noqa: PT017 - any expected error will do

    def pick(self, session, table, index, *where):
        found = session.scalars(sa.select(table.id).where(*where).order_by(table.id.desc())).all()
        return found[index % len(found)] if found else 0

    def line(self, session, index):
        return session.get(OrderLine, self.pick(session, OrderLine, index))

    @rule(sku=st.sampled_from(SKUS), units=UNITS, discount=st.sampled_from([0, 333]), paid=st.booleans())
    def buy(self, sku, units, discount, paid):
        self.n += 1
        self.act(lambda s: self.deliver(s, f"c{self.n}", discount=discount, paid=paid, **{sku: units}))

    @rule(i=PICK)
    def send(self, i):
        self.act(lambda s: deliver_all(s, s.get(Order, self.pick(s, Order, i))))

    @rule(i=PICK, units=UNITS, reason=st.sampled_from(["too_big", "defective", ""]), go=GO)
    def ask_return(self, i, units, reason, go):
        def ask(session):
            line = self.line(session, i)
            lines = [NewReturnLine(line.id, units)]
            found = commands.request_return(session, order_id=line.order_id, lines=lines, reason=reason, zone=ZONE)
            commands.approve_return(session, return_id=found.id)
            self.last = found.id

        self.last = 0
        self.act(ask)
        if go >= 1 and self.last:
            self.act(lambda s: bring_back(s, self.shop, self.last))
        if go >= 2 and self.last:
            self.act(lambda s: refunds.settle_refund(s, return_id=self.last, zone=ZONE))

    @rule(i=PICK, units=UNITS, moves_at=st.sampled_from(MOVES_AT))
    def count(self, i, units, moves_at):
        def take(session):
            line = session.get(ReturnLine, self.pick(session, ReturnLine, i, ReturnLine.disposition == "pending"))
            if line is not None:
                commands.count_units(
                    session, return_id=line.return_id, counts={line.id: units}, location_id=self.shop.warehouse,
                    moves_at=moves_at, zone=ZONE,
                )  # fmt: skip

        self.act(take)

    @rule(i=PICK, decision=st.sampled_from(["restock", "damaged", "scrap"]))
    def take_in(self, i, decision):
        def take(session):
            coming = ReturnLine.disposition == "pending"
            line = session.get(ReturnLine, self.pick(session, ReturnLine, i, coming))
            if line is not None:
                left = line.quantity - line.received_qty
                units = commands.count_units(
                    session,
                    return_id=line.return_id,
                    counts={line.id: left},
                    location_id=self.shop.warehouse,
                    zone=ZONE,
                )
                decisions = [UnitDecision(unit.id, decision) for unit in units]
                commands.inspect_units(session, return_id=line.return_id, decisions=decisions, zone=ZONE)

        self.act(take)

    @rule(i=PICK, decision=st.sampled_from(DECISIONS), grade=st.sampled_from(GRADES))
    def inspect(self, i, decision, grade):
        def look(session):
            waiting = ReturnUnit.disposition.in_(("counted", "quality_control"))
            unit = session.get(ReturnUnit, self.pick(session, ReturnUnit, i, waiting))
            if unit is not None:
                line = session.get_one(ReturnLine, unit.return_line_id)
                decisions = [UnitDecision(unit.id, decision, grade=grade)]
                commands.inspect_units(session, return_id=line.return_id, decisions=decisions, zone=ZONE)

        self.act(look)

    @rule(i=PICK, method=st.sampled_from(["original", "store_credit"]), carriage=st.sampled_from([0, 777]))
    def refund(self, i, method, carriage):
        self.act(
            lambda s: refunds.settle_refund(
                s, return_id=self.pick(s, Return, i, HERE), method=method, carriage_paid_minor=carriage,
                label_used=carriage == 0, zone=ZONE,
            )
        )  # fmt: skip

    @rule(i=PICK, amount=st.sampled_from([None, 1, 500]))
    def refund_by_hand(self, i, amount):
        self.act(
            lambda s: commands.refund_return(
                s, return_id=self.pick(s, Return, i, HERE), amount_minor=amount, gateway="card", zone=ZONE
            )
        )

    @rule(i=PICK, end=st.sampled_from([commands.close_return, commands.cancel_return]))
    def end_return(self, i, end):
        self.act(lambda s: end(s, return_id=self.pick(s, Return, i)))

    @rule(i=PICK, units=UNITS, sku=st.sampled_from(SKUS), first=st.booleans(), credit=st.booleans(), go=GO)
    def ask_exchange(self, i, units, sku, first, credit, go):
        def ask(session):
            line = self.line(session, i)
            found = exchanges.request_exchange(
                session, order_id=line.order_id, back=[NewReturnLine(line.id, units)],
                new=[NewExchangeLine(sku=sku, quantity=1)], sends_first=first,
                wants="store_credit" if credit else "refund", zone=ZONE,
            )  # fmt: skip
            exchanges.approve_exchange(session, exchange_id=found.id)
            self.last = found.id

        self.last = 0
        self.act(ask)
        if first and self.last:
            self.act(lambda s: exchanges.send_replacement(s, exchange_id=self.last, zone=ZONE))
        if go >= 1 and self.last:
            self.act(lambda s: bring_back(s, self.shop, s.get_one(Exchange, self.last).return_id))
        if go >= 2 and self.last:
            self.act(lambda s: exchanges.complete_exchange(s, exchange_id=self.last, zone=ZONE))

    @rule(
        i=PICK,
        step=st.sampled_from(
            [exchanges.send_replacement, exchanges.complete_exchange, exchanges.complete_exchange,
             exchanges.cancel_exchange]
        ),
    )  # fmt: skip
    def go_on_with_exchange(self, i, step):
        self.act(
            lambda s: step(
                s, exchange_id=self.pick(s, Exchange, i, Exchange.state.not_in(("completed", "cancelled"))), zone=ZONE
            )
        )

    @rule(
        i=PICK, units=UNITS, kind=st.sampled_from(CLAIM_KINDS), keeps=st.booleans(),
        resolution=st.sampled_from(CLAIM_RESOLUTIONS), amount=st.sampled_from([None, 500]),
    )  # fmt: skip
    def claim(self, i, units, kind, keeps, resolution, amount):
        def ask(session):
            line = self.line(session, i)
            found = claims.open_claim(session, order_id=line.order_id, kind=kind, lines=[NewClaimLine(line.id, units)])
            claims.approve_claim(session, claim_id=found.id, keeps_item=keeps, zone=ZONE)
            self.last = found.id

        self.last = 0
        self.act(ask)
        if resolution and self.last:
            given = amount if resolution in claim_resolving.MONEY and keeps else None
            self.act(
                lambda s: claim_resolving.resolve_claim(
                    s, claim_id=self.last, resolution=resolution, amount_minor=given, zone=ZONE
                )
            )

    @rule(i=PICK, resolution=st.sampled_from(CLAIM_RESOLUTIONS[1:]), amount=st.sampled_from([None, 500, 2500]))
    def resolve(self, i, resolution, amount):
        self.act(
            lambda s: claim_resolving.resolve_claim(
                s, claim_id=self.pick(s, Claim, i, Claim.state == "approved"), resolution=resolution,
                amount_minor=amount, zone=ZONE,
            )
        )  # fmt: skip

    @rule(i=PICK, delivered=st.sampled_from([date(2010, 12, 8), date(2010, 11, 1), None]), units=st.integers(0, 2))
    def withdraw(self, i, delivered, units):
        def say(session):
            line = self.line(session, i)
            lines = {line.id: units} if units else None
            declaration = Declaration(lines=lines, delivered_on=delivered)
            withdrawals.declare_withdrawal(session, order_id=line.order_id, declaration=declaration, zone=ZONE)

        self.act(say)

    @rule(i=PICK, early=st.booleans())
    def settle(self, i, early):
        def pay(session):
            key = self.pick(session, Withdrawal, i, Withdrawal.state != "settled")
            found = session.get(Withdrawal, key)
            if found is not None and found.state == "undecided":
                withdrawals.accept_as_goodwill(session, withdrawal_id=key, zone=ZONE)
            else:
                settle_withdrawal(session, withdrawal_id=key, before_goods=early, zone=ZONE)

        self.act(pay)

    def teardown(self):
        """End of a walk: no order gave more back than it took, and no law is broken."""
        if not hasattr(self, "engine"):
            return
        with sa.orm.Session(self.engine) as session:
            sums = session.execute(
                sa.select(
                    Payment.order_id,
                    sa.func.sum(sa.case((Payment.kind == "capture", Payment.amount_minor), else_=0)),
                    sa.func.sum(sa.case((Payment.kind == "refund", Payment.amount_minor), else_=0)),
                ).group_by(Payment.order_id)
            ).all()
            lines = session.execute(sa.select(OrderLine.returned_qty, OrderLine.shipped_qty)).all()
            found = run(session)
        self.engine.dispose()
        assert [row for row in sums if row[2] > row[1]] == []
        assert [row for row in lines if row[0] > row[1]] == []
        assert [(r["name"], r["first_broken"]) for r in found if r["broken"]] == []


def walk(open_engine, *, examples, steps):
    GoodsBack.open_engine = staticmethod(open_engine)
    run_state_machine_as_test(
        GoodsBack,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip


@pytest.mark.slow
def test_no_walk_gives_more_back_than_came_on_sqlite(migrated_sqlite, tmp_path):
    def fresh():
        path = tmp_path / f"{uuid.uuid4().hex}.db"
        shutil.copy(migrated_sqlite, path)
        return make_engine(f"sqlite:///{path}")

    walk(fresh, examples=12, steps=60)


@pytest.mark.slow
def test_no_walk_gives_more_back_than_came_on_postgresql(postgres, migrated_postgres):
    def fresh():
        return make_engine(postgres.create(f"walk_{uuid.uuid4().hex[:12]}", migrated_postgres))

    walk(fresh, examples=3, steps=50)


TERMS = st.builds(
    Terms, carriage_payer=st.sampled_from(["customer", "shop"]), label_minor=MINOR, fee_bp=SHARE, fee_minor=MINOR,
    shipping_refund=st.sampled_from(["never", "whole_order", "always"]),
    standard_delivery_minor=st.none() | MINOR, credit_bonus_bp=SHARE, grade_cuts=st.dictionaries(
        st.sampled_from(GRADES[1:]), SHARE
    ), is_statutory=st.booleans(),
)  # fmt: skip


@st.composite
def situations(draw):
    goods = []
    for n in range(draw(st.integers(1, 3))):
        grades = draw(st.dictionaries(st.sampled_from(GRADES[1:]), st.integers(1, 3)))
        units = sum(grades.values()) + draw(st.integers(1, 3))
        goods.append(Back(sku=f"S{n}", units=units, amount_minor=draw(MINOR), grades=grades))
    worth = sum(back.amount_minor for back in goods)
    return Situation(
        goods=goods, discount_minor=draw(st.integers(0, worth)), delivery_left_minor=draw(MINOR),
        is_whole=draw(st.booleans()), carriage_paid_minor=draw(MINOR), label_used=draw(st.booleans()),
    )  # fmt: skip


@given(TERMS, situations(), MINOR)
def test_a_policy_never_keeps_more_than_the_goods_nor_gives_more_than_was_captured(terms, now, refundable):
    lines = policy_lines(terms, now)
    worth = sum(back.amount_minor for back in now.goods) - now.discount_minor
    kept = -sum(line.amount_minor for line in lines if line.amount_minor < 0)
    cuts = -sum(line.amount_minor for line in lines if line.kind == "grade_cut")
    assert kept <= max(worth, cuts)
    assert all(line.why for line in lines)
    told = capped(lines, refunded_minor=0, refundable_minor=refundable)
    assert sum(line.amount_minor for line in told) == min(sum(line.amount_minor for line in lines), refundable)
    assert bonus(terms, refundable, "original") == 0


@given(st.lists(st.tuples(st.sampled_from(["card", "cod", "blik"]), MINOR), max_size=5), st.data())
def test_money_goes_back_the_ways_it_came_first_in_first(captures, data):
    left = [(n, gateway, amount) for n, (gateway, amount) in enumerate(captures)]
    total = sum(amount for _, _, amount in left)
    amount = data.draw(st.integers(0, total))
    parts = split_back(left, amount)
    assert sum(part.amount_minor for part in parts) == amount
    assert all(0 < part.amount_minor <= left[part.capture_id][2] for part in parts)
    # every capture before the last one that gives has given all it had
    assert all(part.amount_minor == left[part.capture_id][2] for part in parts[:-1])
    assert all(part.gateway != "cod" for part in parts)
