{% macro broken( %}
