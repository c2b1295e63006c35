"""Calls of the SDK's dynamic provider in, the resources' handlers, results out."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)

from certwright.adapters.engine_log import EngineLog
from certwright.resources.failures import failure_of, without_secrets
from certwright.resources.fields import properties_of
from certwright.resources.registry import PACKAGE, RESOURCE_BY_TOKEN, ResourceType
from certwright.resources.secrets import secret_outputs
from certwright.resources.session import (
    HIDDEN,
    Hidden,
    PlannedUpdates,
    Session,
    read_hidden,
    require_same_installation,
)
from certwright.resources.values import Properties
from certwright.transport.dynamic.engine import engine
from certwright.transport.dynamic.opening import Config, Homes, config_of
from certwright.transport.dynamic.told import Refusal, told
from certwright.transport.dynamic.values import OWNER, read_values, write_values

_HOMES = Homes()
_PLANNED = PlannedUpdates()


class Handling(ResourceProvider):
    """Serve one kind of resource; the SDK serialises it into the state, so it holds nothing of its own."""

    serialize_as_secret_always = False
    kind: ClassVar[str]
    _config: Config

    def configure(self, req: ConfigureRequest) -> None:
        """Keep the stack's configuration of the package."""
        self._config = config_of(req.config.get)

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Check inputs, and add what preview shall show; whatever is wrong is a failure, which has no traceback."""
        try:
            return told(lambda: self._check(read_values(_olds), read_values(news)), Refusal)
        except Refusal as refusal:
            return CheckResult(news, [CheckFailure("", str(refusal))])

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Say whether anything changes; the reasons go to the resource's diagnostics."""
        return told(lambda: self._diff(_id, read_values(_olds), read_values(_news)))

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Make the resource; the engine does not call this in preview."""
        return told(lambda: self._create(read_values(props)))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Bring the resource to its inputs; the engine does not call this in preview."""
        return told(lambda: self._update(_id, read_values(_olds), read_values(_news)))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Return the resource as it is; an empty id only where it is positively gone."""
        return told(lambda: self._read(id_, read_values(props)))

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Delete the resource."""
        state = read_values(_props)
        told(lambda: self._resource.handlers.delete(self._session(state, state), _id, state))

    def _shown(self, session: Session, inputs: Properties) -> Properties:
        """Return outputs known before the resource exists: in preview the engine takes the inputs for outputs."""
        del session, inputs
        return {}

    def _note(self, session: Session, resource_id: str, state: Properties, inputs: Properties) -> None:
        """Note for the diffs of other resources what an update will do."""

    @contextmanager
    def _turn(self) -> Iterator[float]:
        """Yield the seconds that a handler may wait; 0 where it does not."""
        yield 0.0

    def _check(self, olds: Properties, given: Properties) -> CheckResult:
        session = self._session(given, olds)
        require_same_installation(session, olds)
        checked = self._resource.handlers.check(session, self._declared(given))
        for warning in checked.warnings:
            session.log.warning(warning)
        failures = without_secrets(map(failure_of, checked.faults), given, secret_outputs(self._resource))
        shown = {} if checked.faults else self._shown(session, checked.inputs)
        inputs = {**checked.inputs, **shown}
        return CheckResult(_pinned(session, inputs), [CheckFailure(item.path, item.reason) for item in failures])

    def _diff(self, resource_id: str, state: Properties, news: Properties) -> DiffResult:
        session, inputs = self._session(news, state), self._declared(news)
        found = self._resource.handlers.diff(session, resource_id, state, {}, inputs)
        for reason in found.reasons:
            session.log.info(reason)
        if found.changes:
            self._note(session, resource_id, state, inputs)
        replaces = [change.path for change in found.changes if change.replaces]
        return DiffResult(bool(found.changes), replaces, list(found.stables))

    def _create(self, news: Properties) -> CreateResult:
        session, inputs = self._session(news, news), self._declared(news)
        with self._turn() as seconds:
            made = self._resource.handlers.create(session, inputs, seconds, preview=False)
        return CreateResult(made.id, _owned(session, made.outputs))

    def _update(self, resource_id: str, state: Properties, news: Properties) -> UpdateResult:
        session, inputs = self._session(news, state), self._declared(news)
        with self._turn() as seconds:
            outputs = self._resource.handlers.update(session, resource_id, state, inputs, seconds, preview=False)
        return UpdateResult(_owned(session, outputs))

    def _read(self, resource_id: str, state: Properties) -> ReadResult:
        session = self._session(state, state)
        names = {item.name for item in properties_of(self._resource.args)}
        inputs = {name: value for name, value in state.items() if name in names}
        found = self._resource.handlers.read(session, resource_id, state, inputs)
        if found.id is None:
            return ReadResult("", {})
        for sentence in found.unfinished:
            session.log.warning(sentence)
        kept = None if found.inputs == inputs else _pinned(session, found.inputs)
        return ReadResult(found.id, _owned(session, found.outputs), kept)

    @property
    def _resource(self) -> ResourceType:
        return RESOURCE_BY_TOKEN[f"{PACKAGE}:index:{self.kind}"]

    def _declared(self, inputs: Properties) -> Properties:
        """Return inputs without what Check added."""
        added = {item.name for item in properties_of(self._resource.state)}
        added -= {item.name for item in properties_of(self._resource.args)}
        return {name: value for name, value in inputs.items() if name not in added and name != HIDDEN}

    def _session(self, named: Properties, state: Properties) -> Session:
        """Return the surroundings of a call for the resource that `named` has the URN of."""
        expected = read_hidden(state).installation or None
        app = _HOMES.app(self._config, expected, EngineLog(engine(), "").warning)
        urn = str(named.get(OWNER) or "")
        return app.session(urn, EngineLog(engine(), urn), app.cancellation, _PLANNED)


def _pinned(session: Session, inputs: Properties) -> dict[str, Any]:
    """Return inputs with the installation, which the next check insists on."""
    return _owned(session, {**inputs, HIDDEN: Hidden(session.core.installation_id).encode()})


def _owned(session: Session, properties: Properties) -> dict[str, Any]:
    return write_values({**properties, OWNER: session.urn})
