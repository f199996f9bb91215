"""Alert: tell people what cannot wait, and once a day what the day came to.

Nothing goes out unless [alerts] of the watch file is on and NAMAAK_ALERT_URLS names somebody; each
thing is told once. Prefect's own automations can listen to `namaak.case.opened` instead.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.progress import tell
from namaak.alerting import Sent, notifier, send_alerts
from namaak.settings import Settings, environment_settings


@task(name="tell-what-cannot-wait", cache_policy=NO_CACHE)
def tell_alerts(settings: Settings) -> Sent:
    """Send what is due, where alerts are on."""
    if not settings.watch.alerts.enabled:
        return Sent()
    sent = send_alerts(settings, notifier(os.environ), now=datetime.now(UTC))
    tell("alert", sent.in_words())
    return sent


@flow(name="alert", validate_parameters=False)
def alert(watch: str | None = None) -> dict[str, int]:
    """watch: path of the watch file. Returns how many messages went out and failed."""
    sent = tell_alerts(environment_settings(Path(watch) if watch else None))
    return {"told": sent.told, "failed": sent.failed}


if __name__ == "__main__":
    alert()
