select {{ function('net') }}(1.0) as net
