"""Stage: the network card ens32."""
