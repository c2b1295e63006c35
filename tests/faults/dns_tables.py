"""All rows that are played on the stage."""

from tests.faults import (
    dns_caa_places,
    dns_caa_values,
    dns_lone_servers,
    dns_many_servers,
    dns_transport,
    dns_zone_rows,
)

ROWS = [
    *dns_lone_servers.ROWS,
    *dns_transport.ROWS,
    *dns_zone_rows.ROWS,
    *dns_many_servers.ROWS,
    *dns_caa_values.VALUES,
    *dns_caa_places.ROWS,
]
